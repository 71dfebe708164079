// SPDX-License-Identifier: Apache-2.0

// Command tessera appends entries to a log of the reference implementation of tiled logs, on the same disk and with as
// many callers as `cargo run -p comity-log --example load`, each waiting for its answer before it hands in the next.
//
//	go run . FOLDER ENTRIES [CALLERS]
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

func number(position int, otherwise uint64) uint64 {
	if len(os.Args) <= position {
		return otherwise
	}
	value, err := strconv.ParseUint(os.Args[position], 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: tessera FOLDER ENTRIES [CALLERS]")
	}
	entries, callers := number(2, 10000), number(3, 512)
	ctx := context.Background()
	secret, _, err := note.GenerateKey(rand.Reader, "example.org/load")
	if err != nil {
		log.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		log.Fatal(err)
	}
	driver, err := posix.New(ctx, posix.Config{Path: os.Args[1]})
	if err != nil {
		log.Fatal(err)
	}
	// The interval between checkpoints and the batches are the smallest that it recommends for a folder.
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithCheckpointInterval(100*time.Millisecond).
		WithBatching(4096, 20*time.Millisecond)
	appender, shutdown, _, err := tessera.NewAppender(ctx, driver, options)
	if err != nil {
		log.Fatal(err)
	}
	var next atomic.Uint64
	waits := make([][]time.Duration, callers)
	started := time.Now()
	var all sync.WaitGroup
	for caller := range waits {
		all.Add(1)
		go func() {
			defer all.Done()
			for {
				at := next.Add(1) - 1
				if at >= entries {
					return
				}
				entry := fmt.Sprintf("{\"comity\":\"entry/1\",\"number\":%d,", at)
				entry += strings.Repeat("x", 200-len(entry))
				before := time.Now()
				if _, err := appender.Add(ctx, tessera.NewEntry([]byte(entry)))(); err != nil {
					log.Fatal(err)
				}
				waits[caller] = append(waits[caller], time.Since(before))
			}
		}()
	}
	all.Wait()
	taken := time.Since(started)
	if err := shutdown(ctx); err != nil {
		log.Fatal(err)
	}
	var every []time.Duration
	for _, some := range waits {
		every = append(every, some...)
	}
	sort.Slice(every, func(one, other int) bool { return every[one] < every[other] })
	fmt.Printf("tessera, folder: %d entries, %d callers: %.0f durable entries a second; answer %v median, %v worst\n",
		entries, callers, float64(entries)/taken.Seconds(), every[len(every)/2], every[len(every)-1])
}
