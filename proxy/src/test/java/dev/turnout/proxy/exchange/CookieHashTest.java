package dev.turnout.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.HeadLimits;
import dev.turnout.proxy.http.HeadParser;
import dev.turnout.proxy.request.KeyHash;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a balancer hashes of a request, without a string. */
final class CookieHashTest {

    private static Head request(String fields) {
        Head head = new Head(256);
        String text = "GET /a/b?c=1 HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
        HeadParser.forRequests(new HeadLimits(1000, 1000, 20))
                .parse(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1), head);
        return head;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Cookie: s=1                   | 1
            Cookie: a=2; s=1; b=3         | 1
            Cookie: a=2;s=1               | 1
            Cookie: as=2; s=1             | 1
            Cookie: sa=2; s = 1           | 1
            Cookie: s=x=y                 | x=y
            Cookie: s=                    | ''
            Cookie: S=1                   | ''
            Cookie: s                     | ''
            Accept: s=1                   | ''
            """)
    void isThatOfTheValueThatIsFound(String field, String value) {
        Head head = request(field + "\r\n");

        assertThat(Cookies.hash(head, "s")).isEqualTo(value.isEmpty() ? KeyHash.NONE : KeyHash.of(value));
        String found = Cookies.find(head, "s");
        assertThat(found == null ? "" : found).isEqualTo(value);
    }

    @Test
    void ofFieldsAndPathsLikewise() {
        Head head = request("X-User: ann\r\n");

        assertThat(head.fieldHash("x-user")).isEqualTo(KeyHash.of("ann"));
        assertThat(head.fieldHash("x-other")).isEqualTo(KeyHash.NONE);
        assertThat(head.pathHash()).isEqualTo(KeyHash.of("/a/b"));
    }
}
