// Writes presence events straight to Kafka: KAFKA_BROKERS=localhost:9092 go run .
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Event has the fields of the events that are sent here.
type Event struct {
	Type      string `json:"type"`
	UserID    string `json:"user_id"`
	RoomID    string `json:"room_id,omitempty"`
	DeviceID  string `json:"device_id,omitempty"`
	StatusMsg string `json:"status_msg,omitempty"`
	Ts        int64  `json:"ts,omitempty"`
}

func main() {
	topic := cmp.Or(os.Getenv("PRESENTLY_TOPIC_PREFIX"), "presence.") + "events"
	// The default is an idempotent producer.
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(cmp.Or(os.Getenv("KAFKA_BROKERS"), "localhost:9092"), ",")...),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)), // nil: murmur2, as Kafka's own client has it
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	var records []*kgo.Record
	for _, user := range []string{"@alice:example", "@bjørn:example", "@dave:example", "@猫:example"} {
		for _, event := range []Event{
			{Type: "room.joined", UserID: user, RoomID: "!garden:example"},
			{Type: "device.connected", UserID: user, DeviceID: "PHONE", Ts: time.Now().UnixMilli()},
			{Type: "status.set", UserID: user, StatusMsg: "published from Go"},
		} {
			value, err := json.Marshal(event)
			if err != nil {
				log.Fatal(err)
			}
			records = append(records, &kgo.Record{Topic: topic, Key: []byte(user), Value: value})
		}
	}
	// Returns when all are acknowledged, or have failed.
	if err := client.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		log.Fatalf("not all events are in %s: %v", topic, err)
	}
	fmt.Printf("%d events are in %s\n", len(records), topic)
}
