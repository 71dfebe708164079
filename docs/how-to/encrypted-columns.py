# SPDX-License-Identifier: Apache-2.0
import base64
import sys

import pyarrow.parquet as parquet
import pyarrow.parquet.encryption as encryption
import pyrage


class Age(encryption.KmsClient):
    """Opens the keys of columns with one private key of age."""

    def __init__(self, identity):
        encryption.KmsClient.__init__(self)
        self.identity = identity

    def unwrap_key(self, wrapped_key, master_key_identifier):
        return pyrage.decrypt(base64.b64decode(wrapped_key), [self.identity])

    def wrap_key(self, key_bytes, master_key_identifier):
        raise NotImplementedError("this reads only")


def read(path, private_key, columns=None):
    identity = pyrage.x25519.Identity.from_str(private_key)
    factory = encryption.CryptoFactory(lambda _: Age(identity))
    keys = factory.file_decryption_properties(encryption.KmsConnectionConfig())
    return parquet.ParquetFile(path, decryption_properties=keys).read(columns=columns)


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        private = next(line.strip() for line in file if line.startswith("AGE-SECRET-KEY-"))
    print(read(sys.argv[1], private, sys.argv[3:] or None).to_pydict())
