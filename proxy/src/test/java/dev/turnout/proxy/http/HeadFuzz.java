package dev.turnout.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.SettingsBuilder;
import dev.turnout.proxy.fuzz.Faults;
import dev.turnout.proxy.fuzz.Input;
import dev.turnout.proxy.fuzz.Message;
import dev.turnout.proxy.fuzz.ReferenceReader;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Confined to one thread. Any bytes as a head, of a response if they begin so: read, edited as on its way, written and read
 * again it means the same, and with the edits undone it is what it was.
 */
public final class HeadFuzz {

    private static final HeadLimits LIMITS = new HeadLimits(256, 1024, 12);
    private static final HeadLimits WIDE = new HeadLimits(4096, 8192, 40);
    private static final ForwardedFields FORWARDED = new ForwardedFields(new SettingsBuilder()
            .listener("127.0.0.1:0")
            .set("via", true)
            .blue("127.0.0.1:1")
            .build()
            .forwarding());
    private static final RequestIds IDS = new RequestIds(1);

    private HeadFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        Input input = Input.of(bytes);
        boolean request = !input.whole().startsWith("HTTP/");
        Head head = null;
        String first = null;
        for (List<String> pieces : input.ways()) {
            head = new Head(32);
            String understood = read(parser(request, LIMITS), pieces, head);
            first = first == null ? understood : first;
            assertThat(understood).as("in %s pieces", pieces.size()).isEqualTo(first);
        }
        if (first == null || !first.startsWith("COMPLETE")) {
            return;
        }
        checkMeant(head, input.whole(), request);
        List<String> before = BodyFuzz.fields(head);
        edit(head, request);
        checkWritten(head, request);
        head.undoEdits();
        assertThat(BodyFuzz.fields(head)).isEqualTo(before);
        if (!request || head.find(FieldName.HOST) >= 0) {
            checkWritten(head, request);
        }
    }

    private static HeadParser parser(boolean request, HeadLimits limits) {
        return request ? HeadParser.forRequests(limits) : HeadParser.forResponses(limits);
    }

    private static String read(HeadParser parser, List<String> pieces, Head into) {
        HeadParser.Result result = HeadParser.Result.INCOMPLETE;
        int rest = 0;
        for (String piece : pieces) {
            if (result != HeadParser.Result.INCOMPLETE) {
                rest += piece.length();
                continue;
            }
            ByteBuf in = Faults.buffer(piece);
            result = parser.parse(in, into);
            rest += in.readableBytes();
            in.release();
        }
        Faults.check();
        return switch (result) {
            case INCOMPLETE -> "INCOMPLETE";
            case REFUSED -> "REFUSED " + parser.fault();
            case COMPLETE -> "COMPLETE " + meaning(into) + into.minorVersion() + into.isKeepAlive() + " +" + rest;
        };
    }

    /** What is accepted is accepted by the reference too, and is the same to it. */
    private static void checkMeant(Head head, String text, boolean request) {
        if (request) {
            List<Message> all = ReferenceReader.requests(text).messages();
            assertThat(all).isNotEmpty();
            Message meant = all.get(0);
            assertThat(head.methodText() + " " + head.targetText()).isEqualTo(meant.startLine());
            String host = head.value(FieldName.HOST);
            assertThat(host == null ? "" : host).isEqualTo(host(meant));
            assertThat(withoutHost(BodyFuzz.fields(head))).isEqualTo(withoutHost(meant.fields()));
            // What follows a CONNECT may be meant for the tunnel, so the connection is not kept.
            assertThat(head.isKeepAlive()).isEqualTo(meant.keepsConnection() && head.method() != Method.CONNECT);
        } else {
            ReferenceReader.Responses all = ReferenceReader.response(text, "GET");
            Message meant = all.interim().isEmpty() ? all.last() : all.interim().get(0);
            assertThat(meant).isNotNull();
            assertThat(head.status()).isEqualTo(meant.status());
            assertThat(BodyFuzz.fields(head)).isEqualTo(meant.fields());
            assertThat(head.isKeepAlive()).isEqualTo(meant.keepsConnection());
        }
    }

    /** That of CONNECT is its target, and the field is left as it came. */
    private static String host(Message meant) {
        boolean hasField = meant.field("host") != null;
        return !meant.method().equals("CONNECT") ? meant.host() : hasField ? meant.field("host") : "";
    }

    private static List<String> withoutHost(List<String> fields) {
        return fields.stream().filter(field -> !field.startsWith("host=")).toList();
    }

    private static void edit(Head head, boolean request) {
        HopByHopFields.strip(head);
        Framing.append(head, head.bodyLength());
        if (request) {
            FORWARDED.apply(head, FORWARDED.peer(InetAddress.getLoopbackAddress(), false), IDS);
        }
    }

    private static void checkWritten(Head head, boolean request) {
        ByteBuf out = Faults.ALLOCATOR.buffer(HeadWriter.sizeOf(head), HeadWriter.sizeOf(head));
        if (request) {
            HeadWriter.writeRequest(head, out);
        } else {
            HeadWriter.writeResponse(head, out);
        }
        String written = out.toString(StandardCharsets.ISO_8859_1);
        Head again = new Head(32);
        HeadParser parser = parser(request, WIDE);
        HeadParser.Result result = parser.parse(out, again);
        int rest = out.readableBytes();
        out.release();
        assertThat(result).as("%s of %s", parser.fault(), written).isEqualTo(HeadParser.Result.COMPLETE);
        assertThat(rest).isZero();
        assertThat(meaning(again)).isEqualTo(meaning(head));
    }

    private static String meaning(Head head) {
        String start = head.status() == 0
                ? head.methodText() + " " + head.targetText()
                : head.status()
                        + new String(
                                head.bytes(),
                                head.reasonStart(),
                                head.reasonEnd() - head.reasonStart(),
                                StandardCharsets.ISO_8859_1);
        return start + " " + head.method() + " " + head.bodyLength() + " " + BodyFuzz.fields(head);
    }
}
