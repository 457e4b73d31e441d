import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A member that uses the new consumer protocol (KIP-848): brokers, group and topic are its arguments. */
public class NewProtocolConsumer {
  public static void main(String[] args) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", args[0], "group.id", args[1], "group.protocol", "consumer");
    try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(args[2]));
      boolean said = false;
      while (true) {
        consumer.poll(Duration.ofMillis(100));
        if (!said && !consumer.assignment().isEmpty()) {
          System.out.println("Joined");
          said = true;
        }
      }
    }
  }
}
