import java.nio.file.Files;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.Stores;

/** java GlobalTable <brokers> <topic>: fills a GlobalKTable in memory from offset zero; prints one line of JSON. */
public class GlobalTable {
    public static void main(String[] args) throws Exception {
        Properties settings = new Properties();
        settings.put("application.id", "bench-streams-" + System.currentTimeMillis());
        settings.put("bootstrap.servers", args[0]);
        settings.put("state.dir", Files.createTempDirectory("bench-streams").toString());
        settings.put("max.poll.records", 5000);
        settings.put("global.consumer.max.partition.fetch.bytes", 4 << 20);
        settings.put("global.consumer.fetch.max.bytes", 16 << 20);
        StreamsBuilder builder = new StreamsBuilder();
        Materialized<String, byte[], KeyValueStore<Bytes, byte[]>> inMemory =
            Materialized.<String, byte[]>as(Stores.inMemoryKeyValueStore("flights"))
                .withKeySerde(Serdes.String())
                .withValueSerde(Serdes.ByteArray());
        builder.globalTable(args[1], Consumed.with(Serdes.String(), Serdes.ByteArray()), inMemory);
        KafkaStreams streams = new KafkaStreams(builder.build(), settings);
        AtomicLong records = new AtomicLong();
        streams.setGlobalStateRestoreListener(new StateRestoreListener() {
            public void onRestoreStart(TopicPartition partition, String store, long from, long to) { }
            public void onBatchRestored(TopicPartition partition, String store, long end, long count) { }
            public void onRestoreEnd(TopicPartition partition, String store, long total) { records.addAndGet(total); }
        });
        long began = System.nanoTime();
        streams.start();
        while (streams.state() != KafkaStreams.State.RUNNING) {
            if (streams.state().hasCompletedShutdown()) throw new IllegalStateException("it ended by itself");
            Thread.sleep(5);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(Locale.ROOT, "{\"records\":%d,\"seconds\":%.3f,\"rows\":%d}%n", records.get(), seconds, rows(streams));
        Runtime.getRuntime().halt(0);
    }

    private static long rows(KafkaStreams streams) {
        long rows = 0;
        var store = StoreQueryParameters.fromNameAndType("flights", QueryableStoreTypes.<String, byte[]>keyValueStore());
        try (KeyValueIterator<String, byte[]> all = streams.store(store).all()) {
            for (; all.hasNext(); all.next()) rows++;
        }
        return rows;
    }
}
