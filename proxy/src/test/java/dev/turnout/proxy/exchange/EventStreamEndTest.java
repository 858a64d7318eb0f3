package dev.turnout.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.HeadLimits;
import dev.turnout.proxy.http.HeadParser;
import dev.turnout.proxy.http.Method;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where events of a stream end, however they come in pieces. */
final class EventStreamEndTest {

    private static @Nullable EventStreamEnd of(String fields) {
        HeadParser parser = HeadParser.forResponses(new HeadLimits(1000, 1000, 20));
        parser.expectResponseTo(Method.GET);
        Head head = new Head(256);
        String text = "HTTP/1.1 200 OK\r\n" + fields + "\r\n";
        parser.parse(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), head);
        return EventStreamEnd.of(head);
    }

    private static EventStreamEnd stream() {
        EventStreamEnd stream = of("Content-Type: text/event-stream;charset=utf-8\r\nTransfer-Encoding: chunked\r\n");
        assertThat(stream).isNotNull();
        return stream;
    }

    private static int follow(EventStreamEnd stream, String text) {
        return stream.follow(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked\r\n",
                "Content-Type: text/event-stream\r\nContent-Length: 12\r\n",
            })
    void otherAnswersAreNone(String fields) {
        assertThat(of(fields)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"identity, true", "gzip, false", "br, false"})
    void compressedOneIsNotRead(String coding, boolean readable) {
        EventStreamEnd stream = of("Content-Type: text/event-stream\r\nContent-Encoding: " + coding + "\r\n");

        assertThat(stream).isNotNull();
        assertThat(stream.begin()).isEqualTo(readable);
        assertThat(stream.isEnding()).isEqualTo(readable);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            data: 1\\n\\n,                  true
            data: 1\\r\\n\\r\\n,            true
            data: 1\\r\\r,                  true
            data: 1\\n\\r\\n,               true
            data: 1\\n,                    false
            data: 1\\r\\n,                 false
            data: 1\\r,                    false
            data: 1\\n\\ndata: 2,          false
            data: 1\\n\\ndata: 2\\n\\n,    true
            """)
    void lastBytesTell(String escaped, boolean between) {
        String text = escaped.translateEscapes();
        for (int piece = 1; piece <= text.length(); piece++) {
            EventStreamEnd stream = stream();
            for (int at = 0; at < text.length(); at += piece) {
                assertThat(follow(stream, text.substring(at, Math.min(text.length(), at + piece))))
                        .isEqualTo(-1);
            }
            assertThat(stream.isBetweenEvents()).as("in pieces of %d", piece).isEqualTo(between);
        }
    }

    @Test
    void nothingWasSentYet() {
        assertThat(stream().isBetweenEvents()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            da,     ta: 1\\n\\nda,           7
            da\\n, \\nda,                  1
            da\\r, \\n\\r\\nda,            2
            da\\r, \\n,                    -1
            da,     ta: 1,                 -1
            da,     1\\n\\n2\\n\\n,        3
            """)
    void endIsTheFirstOneThatComes(String before, String after, int expected) {
        EventStreamEnd stream = stream();
        follow(stream, before.translateEscapes());
        assertThat(stream.begin()).isTrue();

        assertThat(follow(stream, after.translateEscapes())).isEqualTo(expected);
    }
}
