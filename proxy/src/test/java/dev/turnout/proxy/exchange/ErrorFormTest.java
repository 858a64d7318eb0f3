package dev.turnout.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.http.Head;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ErrorFormTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            */*                                                              | TEXT
            text/html                                                        | HTML
            TEXT/HTML                                                        | HTML
            text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8  | HTML
            application/json                                                 | JSON
            application/json, text/plain, */*                                | JSON
            text/plain, application/json, */*                                | TEXT
            text/*                                                           | TEXT
            text/*;q=0.5, text/html;q=0.1                                    | TEXT
            text/plain;q=0.1, text/html;q=0.2                                | HTML
            application/*                                                    | JSON
            image/avif,image/webp,*/*;q=0.8                                  | TEXT
            image/png                                                        | TEXT
            text/html;q=0, */*                                               | TEXT
            text/html;q=0, application/json;q=0, text/plain;q=0              | TEXT
            text/html;q=2                                                    | TEXT
            text/html;q=0.1234, application/json;q=0.1                       | JSON
            text/html;level=1;q=0.3, application/json;q=0.2                  | HTML
            ,,;;q=,/                                                         | TEXT
            """)
    void formIsWhatTheClientLikesBest(String accept, ErrorForm form) {
        assertThat(ErrorForm.of(accept)).isEqualTo(form);
    }

    @Test
    void linesOfAcceptAreOneList() {
        Head head = new Head(256);
        head.startRequest("GET", "/");
        head.append("Accept".getBytes(StandardCharsets.US_ASCII), "a/b".getBytes(StandardCharsets.US_ASCII));
        head.append("accept".getBytes(StandardCharsets.US_ASCII), "text/html".getBytes(StandardCharsets.US_ASCII));

        assertThat(ErrorForm.of(head)).isEqualTo(ErrorForm.HTML);
    }

    @Test
    void clientThatDoesNotSayGetsText() {
        assertThat(ErrorForm.of((String) null)).isEqualTo(ErrorForm.TEXT);
        assertThat(ErrorForm.of("")).isEqualTo(ErrorForm.TEXT);
    }

    @Test
    void endlessListIsNotReadToItsEnd() {
        assertThat(ErrorForm.of("a/b,".repeat(10_000) + "text/html")).isEqualTo(ErrorForm.TEXT);
    }
}
