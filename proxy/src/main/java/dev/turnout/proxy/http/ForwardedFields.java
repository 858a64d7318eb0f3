package dev.turnout.proxy.http;

import dev.turnout.config.CidrBlock;
import dev.turnout.config.ForwardingSettings;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Immutable. Tells backends where a request came from: X-Forwarded-For, -Proto and -Host, X-Request-Id and, unless it is not
 * wanted, Via (RFC 9110 section 7.6.3). What a client sends of these, of other X-Forwarded-* fields, X-Real-IP and Forwarded is replaced
 * or dropped, unless the client is a trusted proxy: then the list in X-Forwarded-For is extended and the others are kept. In place of
 * X-Forwarded-* it can be Forwarded (RFC 7239), and a W3C traceparent is made where there is none, if that is wanted.
 */
public final class ForwardedFields {

    private static final byte[] FORWARDED_FOR = ascii("X-Forwarded-For");
    private static final byte[] FORWARDED_HOST = ascii("X-Forwarded-Host");
    private static final byte[] FORWARDED = ascii("Forwarded");
    private static final byte[] HOST_PARAMETER = ascii(";host=");
    private static final byte[] QUOTE = ascii("\"");
    private static final byte[] REQUEST_ID = ascii("X-Request-Id");
    private static final byte[] COMMA = ascii(", ");
    private static final FieldLine EMPTY_HOST = FieldLine.of("Host", "");
    private static final FieldLine VIA_1_0 = FieldLine.of("Via", "1.0 turnout");
    private static final FieldLine VIA_1_1 = FieldLine.of("Via", "1.1 turnout");

    private static final int LONGEST_REQUEST_ID = 128;

    private static final FieldName[] UNTRUSTED = {
        FieldName.X_FORWARDED_FOR,
        FieldName.X_FORWARDED_PROTO,
        FieldName.X_FORWARDED_HOST,
        FieldName.X_FORWARDED_PORT,
        FieldName.X_FORWARDED_OTHER,
        FieldName.X_REAL_IP,
        FieldName.FORWARDED
    };

    private final List<CidrBlock> trustedProxies;
    private final boolean standard;
    private final boolean makesTraceparent;
    private final boolean via;

    /** The fields by these settings. */
    public ForwardedFields(ForwardingSettings settings) {
        this.trustedProxies = settings.trustedProxies();
        this.standard = settings.fields() == ForwardingSettings.Fields.FORWARDED;
        this.makesTraceparent = settings.traceparent() == ForwardingSettings.Traceparent.MAKE;
        this.via = settings.via();
    }

    /** What is to be known of a client connection from this address; made once per connection. */
    public ClientPeer peer(InetAddress address, boolean secure) {
        return ClientPeer.of(address, secure, trustedProxies.stream().anyMatch(block -> block.contains(address)));
    }

    /** Edits a request on its way to a backend. */
    public void apply(Head head, ClientPeer peer, RequestIds ids) {
        if (!peer.isTrusted()) {
            for (FieldName name : UNTRUSTED) {
                head.dropAll(name);
            }
        }
        if (standard) {
            appendForwarded(head, peer);
        } else if (peer.isTrusted()) {
            extend(head, peer);
        } else {
            head.append(peer.forwardedFor());
            head.append(peer.forwardedProto());
            appendHost(head);
        }
        applyRequestId(head, ids);
        if (makesTraceparent) {
            Traceparent.make(head, ids);
        }
        if (head.find(FieldName.HOST) < 0) {
            // Only HTTP/1.0 may leave it out, and what is sent on is 1.1 (RFC 9112 section 3.2).
            head.append(EMPTY_HOST);
        }
        if (via) {
            head.append(head.minorVersion() == 0 ? VIA_1_0 : VIA_1_1);
        }
    }

    /** Writes one field out of all that came, in their order, and an element for the peer. */
    private static void appendForwarded(Head head, ClientPeer peer) {
        byte[] element = peer.forwardedElement();
        int start = head.openField(FORWARDED, element.length);
        int i = head.find(FieldName.FORWARDED);
        while (i >= 0) {
            if (head.valueStart(i) < head.valueEnd(i) && isWhole(head.bytes(), head.valueStart(i), head.valueEnd(i))) {
                head.put(head.bytes(), head.valueStart(i), head.valueEnd(i));
                head.put(COMMA, 0, COMMA.length);
            }
            head.drop(i);
            i = head.findNext(FieldName.FORWARDED, i);
        }
        head.put(element, 0, element.length);
        int host = head.find(FieldName.HOST);
        if (host >= 0 && head.valueStart(host) < head.valueEnd(host)) {
            int from = head.valueStart(host);
            int to = head.valueEnd(host);
            // A host has neither quotes nor backslashes, so it stands between quotes as it is.
            boolean token = Bytes.skip(Bytes.TOKEN, head.bytes(), from, to) == to;
            head.put(HOST_PARAMETER, 0, HOST_PARAMETER.length);
            head.put(QUOTE, 0, token ? 0 : 1);
            head.put(head.bytes(), from, to);
            head.put(QUOTE, 0, token ? 0 : 1);
        }
        head.closeField(start, FORWARDED.length);
    }

    /** Whether every quoted string ends (RFC 9110 section 5.6.4): else what is appended would be taken for a part of it. */
    private static boolean isWhole(byte[] b, int from, int to) {
        boolean quoted = false;
        for (int i = from; i < to; i++) {
            if (b[i] == '"') {
                quoted = !quoted;
            } else if (quoted && b[i] == '\\') {
                i++;
            }
        }
        return !quoted;
    }

    private static void extend(Head head, ClientPeer peer) {
        if (head.find(FieldName.X_FORWARDED_FOR) < 0) {
            head.append(peer.forwardedFor());
        } else {
            extendFor(head, peer.address());
        }
        if (head.find(FieldName.X_FORWARDED_PROTO) < 0) {
            head.append(peer.forwardedProto());
        }
        if (head.find(FieldName.X_FORWARDED_HOST) < 0) {
            appendHost(head);
        }
    }

    /** Writes one field out of all that came, in their order, and the address of the peer. */
    private static void extendFor(Head head, byte[] address) {
        int start = head.openField(FORWARDED_FOR, address.length);
        int i = head.find(FieldName.X_FORWARDED_FOR);
        while (i >= 0) {
            if (head.valueStart(i) < head.valueEnd(i)) {
                head.put(head.bytes(), head.valueStart(i), head.valueEnd(i));
                head.put(COMMA, 0, COMMA.length);
            }
            head.drop(i);
            i = head.findNext(FieldName.X_FORWARDED_FOR, i);
        }
        head.put(address, 0, address.length);
        head.closeField(start, FORWARDED_FOR.length);
    }

    private static void appendHost(Head head) {
        int host = head.find(FieldName.HOST);
        if (host >= 0) {
            head.append(FORWARDED_HOST, head.bytes(), head.valueStart(host), head.valueEnd(host));
        }
    }

    private static void applyRequestId(Head head, RequestIds ids) {
        int i = head.find(FieldName.X_REQUEST_ID);
        if (i >= 0
                && !head.fields().sawTwice(FieldName.X_REQUEST_ID)
                && isRequestId(head.bytes(), head.valueStart(i), head.valueEnd(i))) {
            return;
        }
        head.dropAll(FieldName.X_REQUEST_ID);
        head.append(REQUEST_ID, ids.next());
    }

    /** 1 to 128 bytes of visible ASCII that need no escaping in logs. */
    private static boolean isRequestId(byte[] b, int from, int to) {
        boolean valid = to > from && to - from <= LONGEST_REQUEST_ID;
        for (int i = from; valid && i < to; i++) {
            byte c = b[i];
            valid = c > ' ' && c < 0x7f && c != '"' && c != '\'' && c != '\\';
        }
        return valid;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
