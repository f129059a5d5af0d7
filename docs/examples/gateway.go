// A gateway that tells by HTTP who is connected to it, until Ctrl-C: go run gateway.go @alice:example @bob:example
// PRESENTLY_URL, PRESENTLY_UPSTREAM_TOKEN and SOURCE_TTL_MS say where to, as whom, and how long a lease lasts. Go 1.22 or newer.
package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log"
	mathrand "math/rand"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

const eventsPerRequest = 500 // 10,000 and 8 MiB at most

var (
	url    = cmp.Or(os.Getenv("PRESENTLY_URL"), "http://127.0.0.1:8080")
	token  = cmp.Or(os.Getenv("PRESENTLY_UPSTREAM_TOKEN"), "dev-upstream")
	client = http.Client{Timeout: 30 * time.Second}
)

// Event has the fields of all the events that a gateway sends.
type Event struct {
	Type     string `json:"type"`
	UserID   string `json:"user_id,omitempty"`
	DeviceID string `json:"device_id,omitempty"`
	Ts       int64  `json:"ts,omitempty"`
	SourceID string `json:"source_id,omitempty"`
	TTLMs    int64  `json:"ttl_ms,omitempty"`
}

// Answer is what a request was answered; RetryAfter comes from its header, in seconds.
type Answer struct {
	Status     int `json:"-"`
	RetryAfter int `json:"-"`
	Error      string
	Faults     []struct {
		Index int
		Error string
	}
}

// send sends events in order, and returns when they are durable.
// One call at a time, so that a user's events stay in order.
func send(events []Event) {
	for len(events) > 0 {
		batch := events[:min(len(events), eventsPerRequest)]
		events = events[len(batch):]
		first := batch[0].Type
		fmt.Printf("sent %d, from %s on\n", sendBatch(batch), first)
	}
}

// sendBatch sends a request until it is taken, without the events that are refused. It returns how many were taken.
func sendBatch(events []Event) int {
	for len(events) > 0 {
		answer := post(events)
		switch {
		case answer.Status == http.StatusOK:
			return len(events)
		case answer.Status == http.StatusBadRequest && len(answer.Faults) > 0:
			// Nothing of it was written: send the rest. Not every bad event need be listed at once.
			bad := map[int]bool{}
			for _, fault := range answer.Faults {
				log.Printf("refused: %+v: %s", events[fault.Index], fault.Error)
				bad[fault.Index] = true
			}
			var rest []Event
			for index, event := range events {
				if !bad[index] {
					rest = append(rest, event)
				}
			}
			events = rest
		case answer.Status == http.StatusTooManyRequests || answer.Status >= 500:
			// Never sooner than asked, and not all gateways at once.
			wait := time.Duration((float64(answer.RetryAfter) + mathrand.Float64()) * float64(time.Second))
			log.Printf("%d: again in %.1f s", answer.Status, wait.Seconds())
			time.Sleep(wait)
		default:
			log.Fatalf("%s refuses everything (%d): %s", url, answer.Status, answer.Error) // as a bad token
		}
	}
	return 0
}

func post(events []Event) Answer {
	body, err := json.Marshal(map[string][]Event{"events": events})
	if err != nil {
		log.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPost, url+"/v1/events", bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		// No answer: it may have been taken, but told twice at once is harmless.
		log.Print(err)
		return Answer{Status: http.StatusServiceUnavailable, RetryAfter: 1}
	}
	defer response.Body.Close()
	answer := Answer{Status: response.StatusCode, RetryAfter: 1}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil {
		answer.RetryAfter = seconds
	}
	text, _ := io.ReadAll(response.Body)
	if json.Unmarshal(text, &answer) != nil {
		answer.Error = string(text) // what a proxy says need not be JSON
	}
	return answer
}

func main() {
	users := os.Args[1:]
	if len(users) == 0 {
		users = []string{"@alice:example"}
	}
	ttlMs, err := strconv.ParseInt(cmp.Or(os.Getenv("SOURCE_TTL_MS"), "30000"), 10, 64)
	if err != nil || ttlMs < 3 {
		log.Fatal("SOURCE_TTL_MS has to be a number of milliseconds")
	}
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		log.Fatal(err)
	}
	sourceID := fmt.Sprintf("gateway-%x", id) // names this start of this process; never used again
	alive := Event{Type: "source.alive", SourceID: sourceID, TTLMs: ttlMs}
	ofEach := func(kind, source string) (events []Event) {
		for _, user := range users {
			events = append(events, Event{Type: kind, UserID: user, DeviceID: "PHONE", Ts: time.Now().UnixMilli(), SourceID: source})
		}
		return events
	}
	stopping, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(stopping, stop) // Ctrl-C again: ends at once
	renew := time.NewTicker(time.Duration(ttlMs) * time.Millisecond / 3)

	send(append([]Event{alive}, ofEach("device.connected", sourceID)...))
	send(ofEach("device.active", ""))
	for stopping.Err() == nil {
		select {
		case <-stopping.Done():
		case <-renew.C:
			send([]Event{alive}) // one small event keeps all connections
		}
	}
	send(append(ofEach("device.disconnected", ""), Event{Type: "source.gone", SourceID: sourceID}))
}
