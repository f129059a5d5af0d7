// Writes presence events straight to Kafka: KAFKA_BROKERS=localhost:9092 java -cp 'libs/*' Publish.java
// where libs has kafka-clients and slf4j-api, as Kafka's own libs folder does.
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

public class Publish {
    public static void main(String[] args) throws Exception {
        var topic = System.getenv().getOrDefault("PRESENTLY_TOPIC_PREFIX", "presence.") + "events";
        // No partitioner: the default is murmur2 of the key.
        var config = Map.<String, Object>of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, System.getenv().getOrDefault("KAFKA_BROKERS", "localhost:9092"),
            ProducerConfig.ACKS_CONFIG, "all",
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        var sent = new ArrayList<Future<RecordMetadata>>();
        // StringSerializer writes UTF-8.
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            // Escapes, because up to Java 17 the encoding of this file is the machine's.
            for (var user : List.of("@alice:example", "@bj\u00f8rn:example", "@dave:example", "@\u732b:example")) {
                for (var event : List.of(
                    // By hand only because these ids hold nothing to escape: use a JSON library.
                    """
                    {"type":"room.joined","user_id":"%s","room_id":"!garden:example"}""".formatted(user),
                    """
                    {"type":"device.connected","user_id":"%s","device_id":"PHONE","ts":%d}"""
                        .formatted(user, System.currentTimeMillis()),
                    """
                    {"type":"status.set","user_id":"%s","status_msg":"published from Java"}""".formatted(user))) {
                    sent.add(producer.send(new ProducerRecord<>(topic, user, event)));
                }
            }
            for (var acknowledgement : sent) {
                acknowledgement.get(); // throws if it was not written
            }
        }
        System.out.println(sent.size() + " events are in " + topic);
    }
}
