// Another implementation of the formats, by their first author: Go's checksum database.
module comity.example/peers

go 1.24.0

require golang.org/x/mod v0.32.0
