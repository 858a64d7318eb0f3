package dev.turnout.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.http.ClientPeer;
import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.request.KeyHash;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a request is hashed by is what its text says. */
class KeysOfRequestsTest {

    private final Head head = new Head(512);

    @Test
    void hashOfACookieIsThatOfItsValue() {
        Random random = new Random(17);
        for (int i = 0; i < 20_000; i++) {
            head.startRequest("GET", "/");
            for (int fields = random.nextInt(3); fields > 0; fields--) {
                append("Cookie", noise(random));
            }
            String value = Cookies.find(head, "ab");

            assertThat(Cookies.hash(head, "ab"))
                    .as(value)
                    .isEqualTo(value == null || value.isEmpty() ? KeyHash.NONE : KeyHash.of(value));
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {"ab=\"x y\",x y", "ab=\"\",||", "ab=\",\"", "ab=\"x,\"x", "ab= \"x\" ; c=d,x"})
    void cookieInQuotesIsThatWithoutThem(String field, String value) {
        head.startRequest("GET", "/");
        append("Cookie", field);

        assertThat(Cookies.find(head, "ab")).isEqualTo(value);
        assertThat(Cookies.hash(head, "ab")).isEqualTo(KeyHash.of(value));
    }

    @Test
    void hashOfAFieldIsThatOfItsFirstValueWhateverItsCase() {
        head.startRequest("GET", "/");
        append("X-Tenants", "other");
        append("X-Tenant", "acme");
        append("X-Tenant", "second");

        assertThat(head.fieldHash("x-tenant")).isEqualTo(KeyHash.of("acme"));
        assertThat(head.fieldHash("x-absent")).isEqualTo(KeyHash.NONE);
    }

    @Test
    void fieldThatIsNotSentOnIsAbsent() {
        head.startRequest("GET", "/");
        append("X-Tenant", "acme");
        head.drop(0);

        assertThat(head.fieldHash("x-tenant")).isEqualTo(KeyHash.NONE);
    }

    @ParameterizedTest
    @CsvSource({"/a/b,/a/b", "/a/b?c=/d,/a/b", "/?,/", "*,*"})
    void hashOfAPathKnowsNoQuery(String target, String path) {
        head.startRequest("GET", target);

        assertThat(head.pathHash()).isEqualTo(KeyHash.of(path));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "2001:db8::1, 2001:db8::ffff:1, true",
        "2001:db8:0:1::1, 2001:db8:0:2::1, false",
    })
    void hashOfAClientIsThatOfItsAddressOrNetwork(String one, String other, boolean same) throws UnknownHostException {
        long hash = ClientPeer.of(InetAddress.getByName(one), false, false).hash();

        assertThat(hash
                        == ClientPeer.of(InetAddress.getByName(other), false, false)
                                .hash())
                .isEqualTo(same);
        assertThat(hash).isEqualTo(KeyHash.of(InetAddress.getByName(one)));
    }

    private static String noise(Random random) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(14); length > 0; length--) {
            text.append("aabb==;; \"".charAt(random.nextInt(10)));
        }
        return text.toString();
    }

    private void append(String name, String value) {
        head.append(name.getBytes(StandardCharsets.US_ASCII), value.getBytes(StandardCharsets.US_ASCII));
    }
}
