package dev.turnout.proxy.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.config.StickySettings;
import dev.turnout.config.StickySettings.SameSite;
import dev.turnout.config.StickySettings.Secure;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.request.KeyHash;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StickyTableTest {

    private static final String SECRET = "0123456789abcdef";
    private static final StickySettings USUAL = settings(Secure.AUTO, true, SameSite.LAX, Optional.empty());

    private final Backend first = backend(Colour.BLUE, 9101);
    private final Backend second = backend(Colour.BLUE, 9102);

    @Test
    void valueDependsOnKeyColourAndAddressAndTellsNone() {
        Set<String> tokens = new HashSet<>();
        for (String secret : List.of(SECRET, SECRET + "x")) {
            for (Colour colour : Colour.values()) {
                for (int port = 9101; port < 9601; port++) {
                    tokens.add(StickyTable.token(secret, backend(colour, port)));
                }
            }
        }
        assertThat(tokens).hasSize(2000).allMatch(token -> token.matches("[0-9a-f]{24}"));
        assertThat(StickyTable.token(SECRET, first)).isEqualTo(StickyTable.token(SECRET, backend(Colour.BLUE, 9101)));
    }

    @Test
    void cookieThatWasSetNamesItsBackendAndAnyOtherNobody() {
        StickyTable table = new StickyTable(USUAL, List.of(first, second));

        assertThat(table.find(hash(value(table, first)))).isSameAs(first);
        assertThat(table.find(hash(value(table, second)))).isSameAs(second);
        assertThat(table.find(hash(value(table, first) + "0"))).isNull();
        assertThat(table.find(hash("127.0.0.1:9101"))).isNull();
        assertThat(table.find(KeyHash.NONE)).isNull();
        assertThat(new StickyTable(USUAL, List.of(second)).find(hash(value(table, first))))
                .isNull();
    }

    @Test
    void eachOfManyIsFound() {
        List<Backend> many = IntStream.range(1, 1000)
                .mapToObj(port -> backend(Colour.BLUE, port))
                .toList();
        StickyTable table = new StickyTable(USUAL, many);

        for (Backend each : many) {
            assertThat(table.find(hash(value(table, each)))).isSameAs(each);
        }
        assertThat(new StickyTable(USUAL, List.of()).find(hash(value(table, many.get(0)))))
                .isNull();
    }

    @Test
    void attributesAreThoseOfTheSettings() {
        StickyTable usual = new StickyTable(USUAL, List.of(first));
        String token = StickyTable.token(SECRET, first);

        assertThat(usual.setCookie(first, false)).isEqualTo("id=" + token + "; Path=/app; HttpOnly; SameSite=Lax");
        assertThat(usual.setCookie(first, true))
                .isEqualTo("id=" + token + "; Path=/app; HttpOnly; SameSite=Lax; Secure");
        assertThat(usual.setCookie(second, true)).isNull();
        StickySettings open = settings(Secure.ON, false, SameSite.NONE, Optional.of(Duration.ofHours(8)));
        assertThat(new StickyTable(open, List.of(first)).setCookie(first, false))
                .isEqualTo("id=" + token + "; Path=/app; Max-Age=28800; SameSite=None; Secure");
        StickySettings strict = settings(Secure.OFF, false, SameSite.STRICT, Optional.empty());
        assertThat(new StickyTable(strict, List.of(first)).setCookie(first, true))
                .isEqualTo("id=" + token + "; Path=/app; SameSite=Strict");
    }

    @Test
    void secretIsNotInTheText() {
        assertThat(USUAL.toString()).doesNotContain(SECRET);
    }

    private static String value(StickyTable table, Backend backend) {
        String cookie = Objects.requireNonNull(table.setCookie(backend, false));
        return cookie.substring(cookie.indexOf('=') + 1, cookie.indexOf(';'));
    }

    private static long hash(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
        return KeyHash.of(bytes, 0, bytes.length);
    }

    private static StickySettings settings(
            Secure secure, boolean httpOnly, SameSite sameSite, Optional<Duration> maxAge) {
        return new StickySettings("id", SECRET, secure, httpOnly, sameSite, "/app", maxAge);
    }

    private static Backend backend(Colour colour, int port) {
        return new Backend(colour, new BackendAddress("127.0.0.1", port), 1);
    }
}
