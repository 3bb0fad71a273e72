package reprise.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.storage.Converter;

/**
 * Registry-framed Avro envelopes to flat Connect structs: the fields of `state` that the setting `fields` names. The cheapest
 * fair stand-in for a registry's own converter and a transform that would unwrap the envelope after it.
 */
public class StateConverter implements Converter {
    private record Shape(Schema connect, int[] places, GenericDatumReader<GenericRecord> reader) {}

    private final Map<Integer, Shape> shapes = new ConcurrentHashMap<>();
    private String registry;
    private List<String> fields;
    private BinaryDecoder decoder;
    private GenericRecord envelope;

    @Override
    public void configure(Map<String, ?> settings, boolean isKey) {
        registry = (String) settings.get("registry.url");
        fields = List.of(((String) settings.get("fields")).split(","));
    }

    @Override
    public byte[] fromConnectData(String topic, Schema schema, Object value) {
        throw new DataException("a sink only reads");
    }

    @Override
    public SchemaAndValue toConnectData(String topic, byte[] bytes) {
        if (bytes == null) return SchemaAndValue.NULL;
        Shape shape = shapes.computeIfAbsent(ByteBuffer.wrap(bytes, 1, 4).getInt(), this::shapeOf);
        try {
            decoder = DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, decoder);
            envelope = shape.reader.read(envelope, decoder);
        } catch (IOException failure) {
            throw new DataException(failure);
        }
        GenericRecord state = (GenericRecord) envelope.get("state");
        Struct struct = new Struct(shape.connect);
        for (Field field : shape.connect.fields()) {
            Object value = state.get(shape.places[field.index()]);
            struct.put(field, value instanceof Number || value == null ? value : value.toString());
        }
        return new SchemaAndValue(shape.connect, struct);
    }

    private Shape shapeOf(int id) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(registry + "/schemas/ids/" + id)).build();
            String body = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
            String text = new ObjectMapper().readTree(body).get("schema").asText();
            org.apache.avro.Schema written = new org.apache.avro.Schema.Parser().parse(text);
            org.apache.avro.Schema state = written.getField("state").schema();
            SchemaBuilder connect = SchemaBuilder.struct().name(state.getFullName());
            for (String field : fields) connect.field(field, typeOf(state.getField(field).schema()));
            int[] places = fields.stream().mapToInt(field -> state.getField(field).pos()).toArray();
            return new Shape(connect.build(), places, new GenericDatumReader<>(written));
        } catch (Exception failure) {
            throw new DataException("schema " + id, failure);
        }
    }

    private static Schema typeOf(org.apache.avro.Schema type) {
        return switch (type.getType()) {
            case STRING, ENUM -> Schema.STRING_SCHEMA;
            case INT -> Schema.INT32_SCHEMA;
            case LONG -> Schema.INT64_SCHEMA;
            case UNION -> optional(typeOf(type.getTypes().get(1)));
            default -> throw new DataException("unhandled " + type);
        };
    }

    private static Schema optional(Schema schema) {
        return new SchemaBuilder(schema.type()).optional().build();
    }
}
