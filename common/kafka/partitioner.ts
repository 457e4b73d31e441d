/** Which partition a message goes to: with a key by its hash, without one evenly over all. */
import { type ICustomPartitioner, Partitioners } from "kafkajs";

type Choose = ReturnType<ICustomPartitioner>;

/** The partition of each message that was sent. */
export type Partitions = WeakMap<object, number>;

const LONGEST_HASHED_KEY = 1000;

/**
 * kafkajs chooses the partitions again for each retry, and does not send again to a broker that has
 * acknowledged its part: a message that moves to such a broker between two tries is lost (sendMessages.js,
 * responsePerBroker). So each message keeps the partition of the first try. `beforeEach` may throw, and so
 * end the tries.
 */
export function createPartitioner(partitions: Partitions, beforeEach: () => void = () => {}): Choose {
  const choose = Partitioners.DefaultPartitioner();
  return (choice) => {
    beforeEach();
    const partition = partitions.get(choice.message) ?? choose(withoutLongKey(choice));
    partitions.set(choice.message, partition);
    return partition;
  };
}

/**
 * kafkajs takes hours to hash a key of a megabyte (murmur2.js: its number grows). Such a key does not count.
 */
function withoutLongKey(choice: Parameters<Choose>[0]): Parameters<Choose>[0] {
  if (Buffer.byteLength(choice.message.key ?? "") <= LONGEST_HASHED_KEY) return choice;
  return { ...choice, message: { ...choice.message, key: null } };
}
