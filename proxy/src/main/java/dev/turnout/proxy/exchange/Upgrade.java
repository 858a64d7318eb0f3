package dev.turnout.proxy.exchange;

import dev.turnout.proxy.http.FieldName;
import dev.turnout.proxy.http.Head;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. The protocol that one side asks the other to change to (RFC 9110 section 7.8). Upgrade is a hop-by-hop field:
 * it is taken out with the others and put back only if it is one we can tunnel.
 */
final class Upgrade {

    private static final byte[] CONNECTION = "Connection".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] UPGRADE = "Upgrade".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TOKEN = "upgrade".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] H2C = "h2c".getBytes(StandardCharsets.US_ASCII);

    private final byte[] protocol;

    private Upgrade(byte[] protocol) {
        this.protocol = protocol;
    }

    /**
     * What a head asks for, to be called before its hop-by-hop fields are stripped; null if it asks for nothing, for
     * {@code h2c} (a tunnel of HTTP/2 would carry requests past every check), in HTTP/1.0, or with a body.
     */
    static @Nullable Upgrade askedFor(Head head) {
        int field = head.find(FieldName.UPGRADE);
        if (field < 0
                || head.minorVersion() == 0
                || head.bodyLength() != 0
                || !head.hasToken(FieldName.CONNECTION, TOKEN)
                || head.hasToken(FieldName.UPGRADE, H2C)
                || head.find(FieldName.HTTP2_SETTINGS) >= 0) {
            return null;
        }
        return new Upgrade(Arrays.copyOfRange(head.bytes(), head.valueStart(field), head.valueEnd(field)));
    }

    /** Whether everything that was accepted had been asked for; a protocol that the client does not expect helps nobody. */
    boolean offers(Upgrade accepted) {
        List<String> offered = names(protocol);
        return offered.containsAll(names(accepted.protocol));
    }

    /** Whether it is a WebSocket (RFC 6455 section 4.2.2). */
    boolean isWebSocket() {
        return names(protocol).equals(List.of("websocket"));
    }

    private static List<String> names(byte[] list) {
        return Arrays.stream(new String(list, StandardCharsets.ISO_8859_1)
                        .toLowerCase(Locale.ROOT)
                        .split(",", -1))
                .map(String::strip)
                .toList();
    }

    /** Puts the fields back. */
    void appendTo(Head head) {
        head.append(CONNECTION, UPGRADE);
        head.append(UPGRADE, protocol);
    }
}
