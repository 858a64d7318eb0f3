package dev.turnout.proxy.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.Colour;
import dev.turnout.proxy.control.Actor;
import dev.turnout.proxy.control.HistoryEntry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What is delivered, how it is signed, and when again. */
final class DeliveryTest {

    @Test
    void signatureIsThatOfTheTimeADotAndTheBody() {
        // By: printf '1700000000.{}' | openssl dgst -sha256 -hmac 0123456789abcdef
        String expected = "v1=e4f8e2ecae2295b2ddb2f0b5584c8275e226c0ebe9b3b819e70156bb67122e3e";

        String made = new Signature("0123456789abcdef".getBytes(StandardCharsets.US_ASCII))
                .of(1_700_000_000L, "{}".getBytes(StandardCharsets.US_ASCII));

        assertThat(made).hasSize(3 + 64).isEqualTo(expected);
    }

    @Test
    void pausesDoubleUpToFiveMinutes() {
        assertThat(Backoff.after(1, 0, Duration.ZERO)).isEqualTo(Duration.ofSeconds(1));
        assertThat(Backoff.after(2, 0, Duration.ZERO)).isEqualTo(Duration.ofSeconds(2));
        assertThat(Backoff.after(3, 1, Duration.ZERO)).isEqualTo(Duration.ofSeconds(2));
        assertThat(Backoff.after(60, 0, Duration.ZERO)).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void receiverMayAskForALongerPauseWithinBounds() {
        assertThat(Backoff.after(1, 0, Duration.ofSeconds(30))).isEqualTo(Duration.ofSeconds(30));
        assertThat(Backoff.after(3, 0, Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(4));
        assertThat(Backoff.after(1, 0, Duration.ofDays(3))).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void retryAfterIsSecondsOrADateAndNothingElse() {
        Instant now = Instant.parse("2026-01-02T03:04:05Z");

        assertThat(Backoff.asked("120", now)).isEqualTo(Duration.ofMinutes(2));
        assertThat(Backoff.asked("Fri, 02 Jan 2026 03:04:35 GMT", now)).isEqualTo(Duration.ofSeconds(30));
        assertThat(Backoff.asked("Fri, 02 Jan 2026 03:04:00 GMT", now)).isZero();
        assertThat(Backoff.asked("99999999999999999999", now)).isEqualTo(Duration.ofMinutes(5));
        assertThat(Backoff.asked("soon", now)).isZero();
        assertThat(Backoff.asked("-1", now)).isZero();
    }

    @Test
    void messageIsOneLineOfAsciiWhateverIsInIt() {
        HistoryEntry entry = new HistoryEntry(
                7,
                Instant.parse("2026-01-02T03:04:05.678901Z"),
                new Actor("ci", "10.0.0.1"),
                "switch",
                Colour.BLUE,
                Colour.GREEN,
                "2.4.1 \u2713\n\"");

        Message message = Message.of(entry, Colour.GREEN);

        assertThat(message.body())
                .contains("\"id\":\"" + message.id() + "\"")
                .contains("\"at\":\"2026-01-02T03:04:05.678Z\",\"revision\":7,\"action\":\"switch\",\"from\":\"blue\"")
                .contains("\"active\":\"green\"")
                .endsWith("\"reason\":\"2.4.1 \\u2713\\n\\\"\"}");
    }
}
