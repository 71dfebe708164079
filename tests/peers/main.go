// SPDX-License-Identifier: Apache-2.0

// Verifies a log that Comity wrote with golang.org/x/mod/sumdb: notes, tiles, inclusion, consistency.
//
//	go run . PUBLIC VKEY OLDER PROOF...
//
// PUBLIC is the folder that everyone may read, VKEY the key of the log, OLDER a checkpoint of before,
// each PROOF a file in the format C2SP tlog-proof.
// Ends with status 1 and the reason at the first thing that does not hold.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Each tile is eight levels high, in C2SP tlog-tiles.
const height = 8

func main() {
	if len(os.Args) < 4 {
		fail(errors.New("expected PUBLIC VKEY OLDER PROOF..."))
	}
	said, err := verify(os.Args[1], os.Args[2], os.Args[3], os.Args[4:])
	if err != nil {
		fail(err)
	}
	fmt.Println(said)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func verify(public, vkey, older string, proofs []string) (string, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return "", fmt.Errorf("the key: %w", err)
	}
	trusted := note.VerifierList(verifier)
	newest, err := checkpoint(filepath.Join(public, "checkpoint"), trusted)
	if err != nil {
		return "", err
	}
	before, err := checkpoint(older, trusted)
	if err != nil {
		return "", err
	}
	// The reader checks each tile against the root before it gives a hash.
	hashes := tlog.TileHashReader(newest, &tiles{public})
	if err := entries(public, newest, hashes); err != nil {
		return "", err
	}
	if err := extends(newest, before, hashes); err != nil {
		return "", err
	}
	for _, file := range proofs {
		if err := proof(file, public, trusted); err != nil {
			return "", fmt.Errorf("%s: %w", file, err)
		}
	}
	return fmt.Sprintf("%d entries, %d of them before, %d proofs", newest.N, before.N, len(proofs)), nil
}

// checkpoint reads a signed checkpoint.
func checkpoint(file string, trusted note.Verifiers) (tlog.Tree, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return tlog.Tree{}, err
	}
	return tree(text, trusted)
}

func tree(signed []byte, trusted note.Verifiers) (tlog.Tree, error) {
	opened, err := note.Open(signed, trusted)
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("the checkpoint: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != opened.Sigs[0].Name {
		return tlog.Tree{}, errors.New("the checkpoint has not three lines, or is of another log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// tiles reads tiles from the folder of a log.
type tiles struct{ public string }

func (*tiles) Height() int { return height }

func (t *tiles) ReadTiles(asked []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range asked {
		// The checksum database writes the height into the path, C2SP does not.
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
		content, err := os.ReadFile(filepath.Join(t.public, path))
		if err != nil {
			return nil, err
		}
		read = append(read, content)
	}
	return read, nil
}

func (*tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// entries checks each entry against the tiles, and proves some of them.
func entries(public string, newest tlog.Tree, hashes tlog.HashReader) error {
	for number := int64(0); number < newest.N; number++ {
		content, err := entry(public, newest.N, number)
		if err != nil {
			return err
		}
		leaf := tlog.RecordHash(content)
		stored, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, number)})
		if err != nil {
			return fmt.Errorf("entry %d: %w", number, err)
		}
		if stored[0] != leaf {
			return fmt.Errorf("entry %d is not the one in the tree", number)
		}
		path, err := tlog.ProveRecord(newest.N, number, hashes)
		if err != nil {
			return fmt.Errorf("entry %d: %w", number, err)
		}
		if err := tlog.CheckRecord(path, newest.N, newest.Hash, number, leaf); err != nil {
			return fmt.Errorf("entry %d: %w", number, err)
		}
	}
	return nil
}

// extends checks that the log grew from a state of before, and that another state would be refused.
func extends(newest, before tlog.Tree, hashes tlog.HashReader) error {
	proof, err := tlog.ProveTree(newest.N, before.N, hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, newest.N, newest.Hash, before.N, before.Hash); err != nil {
		return fmt.Errorf("the log does not extend the checkpoint of before: %w", err)
	}
	other := before.Hash
	other[0] ^= 1
	if tlog.CheckTree(proof, newest.N, newest.Hash, before.N, other) == nil {
		return errors.New("a changed root of before was not refused: this check checks nothing")
	}
	return nil
}

// entry reads one entry from its bundle.
func entry(public string, size, number int64) ([]byte, error) {
	const width = 1 << height
	tile := tlog.Tile{H: height, L: 0, N: number / width, W: width}
	if whole := size / width; tile.N == whole {
		tile.W = int(size % width)
	}
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/0/", height), "tile/entries/", 1)
	rest, err := os.ReadFile(filepath.Join(public, path))
	if err != nil {
		return nil, err
	}
	for place := int64(0); ; place++ {
		if len(rest) < 2 || len(rest) < 2+int(binary.BigEndian.Uint16(rest)) {
			return nil, fmt.Errorf("%s ends before entry %d", path, number)
		}
		content, after := rest[2:2+binary.BigEndian.Uint16(rest)], rest[2+binary.BigEndian.Uint16(rest):]
		if place == number%width {
			return content, nil
		}
		rest = after
	}
}

// proof checks a file in the format C2SP tlog-proof against the entry that it is of, and against a changed one.
func proof(file, public string, trusted note.Verifiers) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, signed, found := strings.Cut(string(text), "\n\n")
	if !found {
		return errors.New("no empty line before the checkpoint")
	}
	lines := strings.Split(head, "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("it is no tlog-proof")
	}
	number, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	var path tlog.RecordProof
	for _, line := range lines[2:] {
		bytes, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(bytes) != tlog.HashSize {
			return fmt.Errorf("%q is no hash", line)
		}
		path = append(path, tlog.Hash(bytes))
	}
	state, err := tree([]byte(signed), trusted)
	if err != nil {
		return err
	}
	content, err := entry(public, state.N, number)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(path, state.N, state.Hash, number, tlog.RecordHash(content)); err != nil {
		return err
	}
	content[0] ^= 1
	if tlog.CheckRecord(path, state.N, state.Hash, number, tlog.RecordHash(content)) == nil {
		return errors.New("a changed entry was not refused: this check checks nothing")
	}
	return nil
}
