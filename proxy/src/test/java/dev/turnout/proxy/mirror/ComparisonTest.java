package dev.turnout.proxy.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.routing.MirrorOrder;
import dev.turnout.proxy.routing.MirrorOrder.Body;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of two answers. */
final class ComparisonTest {

    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    private static final Map<String, String> JSON = Map.of("content-type", "application/json; charset=utf-8");

    private static MirrorOrder order(Body body, int limit) {
        return new MirrorOrder(
                7,
                NOON,
                NOON.plusSeconds(60),
                10_000,
                List.of("content-type", "location"),
                body,
                limit,
                10,
                Duration.ofSeconds(5),
                "");
    }

    private static MirroredAnswer answer(MirrorOrder order, int status, Map<String, String> fields, byte[] body) {
        MirroredAnswer answer = new MirroredAnswer(order);
        answer.head(status, fields::get, 1_000_000);
        // In two pieces, the first of them with something before it in its buffer.
        int half = body.length / 2;
        answer.body(Unpooled.wrappedBuffer(body, 0, half));
        answer.body(Unpooled.wrappedBuffer(body).skipBytes(half));
        return answer;
    }

    private static List<String> told(MirrorOrder order, Map<String, String> fields, String active, String idle) {
        return Comparison.of(
                        order,
                        answer(order, 200, fields, active.getBytes(UTF_8)),
                        answer(order, 200, fields, idle.getBytes(UTF_8)))
                .told();
    }

    @Test
    void statusAndNamedFieldsAreComparedAndNoOthers() {
        MirrorOrder order = order(Body.HASH, 100);
        Comparison found = Comparison.of(
                order,
                answer(order, 302, Map.of("location", "/a", "date", "1"), new byte[0]),
                answer(order, 500, Map.of("content-type", "text/html", "date", "2"), new byte[] {1}));

        assertThat(found.status()).isTrue();
        assertThat(found.headers()).isTrue();
        assertThat(found.body()).isFalse();
        assertThat(found.told())
                .containsExactly("status: 302 / 500", "content-type: missing / text/html", "location: /a / missing");
    }

    @Test
    void bodiesAreComparedByteForByteUpToTheLimit() {
        assertThat(told(order(Body.HASH, 100), Map.of(), "one", "one")).isEmpty();
        assertThat(told(order(Body.HASH, 100), Map.of(), "one", "two"))
                .singleElement()
                .asString()
                .startsWith("body: 3 bytes");
        assertThat(told(order(Body.HASH, 3), Map.of(), "one and this", "one and that"))
                .isEmpty();
        assertThat(told(order(Body.HASH, 3), Map.of(), "one", "one and that"))
                .singleElement()
                .asString()
                .endsWith(" / more than 3 bytes");
        assertThat(told(order(Body.NONE, 100), Map.of(), "one", "two")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            {"id":1,"tags":["a"]};            {"tags":["b","c"],"id":22.5};      ''
            {"id":1};                         {"id":"1"};                        json $.id: number / string
            {"a":{"b":[{"c":1}]}};            {"a":{"b":[{"c":1},{"d":null}]}};  json $.a.b[].d: missing / null
            [1,2];                            [];                                json $[]: number / missing
            {"a":true};                       {"a":null};                        json $.a: boolean / null
            [1,"a"];                          ["a",1];                           ''
            {"a":1};                          {"a":1;                            json: readable / broken
            {"a":;                            {"a":;                             ''
            """)
    void shapesAreFieldsAndTypesWhateverTheValues(String active, String idle, String expected) {
        List<String> told = told(order(Body.JSON_SHAPE, 1000), JSON, active, idle);

        assertThat(String.join(", ", told)).isEqualTo(expected);
    }

    @Test
    void bodyThatIsNoJsonOrTooLongHasNoShape() {
        assertThat(told(order(Body.JSON_SHAPE, 100), Map.of("content-type", "text/html"), "{\"a\":1}", "{}"))
                .isEmpty();
        assertThat(told(order(Body.JSON_SHAPE, 5), JSON, "{\"a\":1}", "{\"b\":1}"))
                .isEmpty();
    }

    @Test
    void packedJsonIsReadAndItsUnpackedSizeBounded() throws IOException {
        MirrorOrder order = order(Body.JSON_SHAPE, 1 << 20);
        Map<String, String> packed = Map.of("content-type", "application/problem+json", "content-encoding", "gzip");
        byte[] number = gzip("{\"a\":1}");
        byte[] text = gzip("{\"a\":\"x\"}");
        byte[] bomb = gzip("[" + " ".repeat(40 << 20) + "]");

        assertThat(Comparison.of(order, answer(order, 200, packed, number), answer(order, 200, packed, text))
                        .told())
                .containsExactly("json $.a: number / string");
        assertThat(Comparison.of(order, answer(order, 200, packed, number), answer(order, 200, packed, bomb))
                        .told())
                .containsExactly("json: readable / broken");
    }

    @Test
    void deepAndWideTextsAreBroken() {
        MirrorOrder order = order(Body.JSON_SHAPE, 1 << 20);
        String deep = "[".repeat(100) + "]".repeat(100);
        StringBuilder wide = new StringBuilder("{");
        for (int i = 0; i < 3000; i++) {
            wide.append("\"k").append(i).append("\":1,");
        }
        wide.append("\"end\":1}");

        assertThat(told(order, JSON, "{}", deep)).containsExactly("json: readable / broken");
        assertThat(told(order, JSON, "{}", wide.toString())).containsExactly("json: readable / broken");
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }
}
