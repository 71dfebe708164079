// SPDX-License-Identifier: Apache-2.0

// Command tessera appends entries to a log of the reference implementation of tiled logs, on the same disk and with as
// many callers as `cargo run -p comity-log --example load`, each waiting for its answer before it hands in the next.
//
//	go run . FOLDER ENTRIES [CALLERS] [RATE]
//
// RATE is how many entries a second are handed in; 0 or nothing is as many as are answered.
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
		log.Fatal("usage: tessera FOLDER ENTRIES [CALLERS] [RATE]")
	}
	entries, callers, rate := number(2, 10000), number(3, 512), number(4, 0)
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
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, options)
	if err != nil {
		log.Fatal(err)
	}
	awaiting, forget := context.WithCancel(ctx)
	defer forget()
	published := tessera.NewPublicationAwaiter(awaiting, reader.ReadCheckpoint, 5*time.Millisecond)
	var next atomic.Uint64
	waits := make([][]time.Duration, callers)
	var sampling sync.WaitGroup
	var sampled sync.Mutex
	var toCheckpoint []time.Duration
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
				if rate > 0 {
					time.Sleep(time.Until(started.Add(time.Duration(float64(at) / float64(rate) * float64(time.Second)))))
				}
				before := time.Now()
				added := appender.Add(ctx, tessera.NewEntry([]byte(entry)))
				given, err := added()
				if err != nil {
					log.Fatal(err)
				}
				waits[caller] = append(waits[caller], time.Since(before))
				// As many are watched until they stand in a checkpoint as in the example.
				if given.Index%100 == 0 {
					sampling.Add(1)
					go func() {
						defer sampling.Done()
						if _, _, err := published.Await(ctx, added); err != nil {
							log.Fatal(err)
						}
						sampled.Lock()
						defer sampled.Unlock()
						toCheckpoint = append(toCheckpoint, time.Since(before))
					}()
				}
			}
		}()
	}
	all.Wait()
	taken := time.Since(started)
	sampling.Wait()
	if err := shutdown(ctx); err != nil {
		log.Fatal(err)
	}
	var every []time.Duration
	for _, some := range waits {
		every = append(every, some...)
	}
	for _, one := range [][]time.Duration{every, toCheckpoint} {
		sort.Slice(one, func(left, right int) bool { return one[left] < one[right] })
	}
	fmt.Printf("tessera, folder: %d entries, %d in flight: %.0f durable entries a second; from handing in to a signed checkpoint %v median, %v worst; answer %v median, %v worst\n",
		entries, callers, float64(entries)/taken.Seconds(), toCheckpoint[len(toCheckpoint)/2], toCheckpoint[len(toCheckpoint)-1],
		every[len(every)/2], every[len(every)-1])
}
