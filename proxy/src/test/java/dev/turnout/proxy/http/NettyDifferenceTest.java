package dev.turnout.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * Whatever we accept, Netty's decoder must understand in the same way; it accepts more than we do. Known and wanted
 * differences:
 *
 * <ul>
 *   <li>an absolute-form target: we make it an origin-form and a Host, Netty leaves both as they came
 *   <li>Transfer-Encoding of a response without body: Netty drops it while reading, we when hop-by-hop fields are stripped
 *   <li>the grammar of chunk extensions: Netty checks it, we read over them and never pass them on
 *   <li>fields we do not let stand in trailers: Netty drops fewer
 *   <li>chunks of 2 GiB and more, which Netty refuses: the corpus has none
 * </ul>
 */
class NettyDifferenceTest {

    /** The same corpus in every build; {@code -Dturnout.test.seed} and {@code -Dturnout.test.rounds} look further. */
    private static final long SEED = Long.getLong("turnout.test.seed", 1);

    private static final int ROUNDS = Integer.getInteger("turnout.test.rounds", 6_000);
    private static final HeadLimits LIMITS = new HeadLimits(1000, 4000, 50);

    @Test
    void requestsAreUnderstoodAsNettyUnderstandsThem() {
        MutatedMessages messages = new MutatedMessages(SEED);
        int accepted = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = messages.request();
            Understood ours = ours(HeadParser.forRequests(LIMITS), bytes, true);
            if (ours != null) {
                accepted++;
                Understood netty = netty(HttpRequestDecoder::new, bytes);
                assertThat(ours).as("%s", printable(bytes)).isEqualTo(netty);
            }
        }

        assertThat(accepted).isGreaterThan(ROUNDS / 50);
    }

    @Test
    void responsesAreUnderstoodAsNettyUnderstandsThem() {
        MutatedMessages messages = new MutatedMessages(SEED);
        int accepted = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = messages.response();
            Method method = messages.method();
            HeadParser parser = HeadParser.forResponses(LIMITS);
            parser.expectResponseTo(method);
            Understood ours = ours(parser, bytes, false);
            if (ours != null) {
                accepted++;
                Understood netty = netty(() -> new ResponseDecoder(method), bytes);
                assertThat(ours).as("%s %s", method, printable(bytes)).isEqualTo(netty);
            }
        }

        assertThat(accepted).isGreaterThan(ROUNDS / 50);
    }

    /** One message; {@code end} is complete, or more: the body goes on. */
    private record Understood(
            String startLine, List<String> fields, String content, String end, List<String> trailers) {}

    private static Understood ours(HeadParser parser, byte[] bytes, boolean request) {
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        Head head = new Head(64);
        if (parser.parse(in, head) != HeadParser.Result.COMPLETE) {
            in.release();
            return null;
        }
        BodyReader body = new BodyReader(LIMITS);
        body.start(head.bodyLength());
        StringBuilder content = new StringBuilder();
        for (ByteBuf piece = body.next(in); piece != null; piece = body.next(in)) {
            content.append(piece.toString(StandardCharsets.ISO_8859_1));
            piece.release();
        }
        in.release();
        if (body.fault() != null) {
            return null;
        }
        if (head.bodyLength() == 0) {
            // The second known difference.
            head.dropAll(FieldName.TRANSFER_ENCODING);
        }
        String startLine = request
                ? head.methodText() + " " + head.targetText() + " 1." + head.minorVersion()
                : head.status() + " 1." + head.minorVersion();
        return new Understood(
                startLine,
                fields(head),
                content.toString(),
                body.isComplete() || body.endsAtClose() ? "complete" : "more",
                body.trailers() == null ? List.of() : fields(body.trailers()));
    }

    private static List<String> fields(Head head) {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < head.fieldCount(); i++) {
            if (!head.isDropped(i)) {
                fields.add(head.nameText(i) + "=" + head.value(i));
            }
        }
        return fields;
    }

    private static Understood netty(Supplier<ChannelHandler> decoders, byte[] bytes) {
        Understood understood = netty(decoders.get(), bytes);
        return understood.end().equals("refused") ? netty(decoders.get(), withoutExtensions(bytes)) : understood;
    }

    /** The third known difference. */
    private static byte[] withoutExtensions(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.replaceAll("\n([0-9a-fA-F]+);[\\t -~]*\r\n", "\n$1\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Understood netty(ChannelHandler decoder, byte[] bytes) {
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
        List<Object> read = new ArrayList<>(channel.inboundMessages());
        channel.inboundMessages().clear();
        // A body until close is ended by it; one cut short is not.
        channel.finish();
        read.addAll(channel.inboundMessages());
        channel.inboundMessages().clear();
        try {
            return understood(read);
        } finally {
            read.forEach(ReferenceCountUtil::release);
        }
    }

    private static Understood understood(List<Object> read) {
        if (read.isEmpty() || !(read.get(0) instanceof HttpMessage message)) {
            return new Understood("nothing", List.of(), "", "", List.of());
        }
        if (message.decoderResult().isFailure()) {
            return new Understood("refused: " + message.decoderResult(), List.of(), "", "", List.of());
        }
        StringBuilder content = new StringBuilder();
        for (Object o : read.subList(1, read.size())) {
            if (!(o instanceof HttpContent part)) {
                break;
            }
            if (part.decoderResult().isFailure()) {
                // Netty says so too of a body that was cut short by the close.
                boolean cutShort = part.decoderResult().cause().toString().contains("PrematureChannelClosure");
                return understood(message, content, cutShort ? "more" : "refused", List.of());
            }
            content.append(part.content().toString(StandardCharsets.ISO_8859_1));
            if (part instanceof LastHttpContent last) {
                return understood(message, content, "complete", trailers(last.trailingHeaders()));
            }
        }
        return understood(message, content, "more", List.of());
    }

    private static Understood understood(
            HttpMessage message, StringBuilder content, String end, List<String> trailers) {
        List<String> fields = texts(message.headers());
        String version = " 1." + message.protocolVersion().minorVersion();
        String startLine;
        if (message instanceof HttpRequest request) {
            startLine = request.method() + " " + originForm(request.uri(), fields) + version;
        } else {
            startLine = ((HttpResponse) message).status().code() + version;
        }
        return new Understood(startLine, fields, content.toString(), end, trailers);
    }

    /** The first known difference. */
    private static String originForm(String uri, List<String> fields) {
        if (!uri.toLowerCase(Locale.ROOT).startsWith("http")) {
            return uri;
        }
        String authority = uri.replaceFirst("^https?://", "").replaceFirst("[/?].*$", "");
        fields.removeIf(field -> field.startsWith("host="));
        fields.add("host=" + authority);
        String path = uri.replaceFirst("^https?://[^/?]*", "");
        return path.startsWith("/") ? path : "/" + path;
    }

    /** The fourth known difference. */
    private static List<String> trailers(HttpHeaders headers) {
        List<String> texts = texts(headers);
        texts.removeIf(field -> field.matches("(content-|(host|connection|trailer|transfer-encoding)=).*"));
        return texts;
    }

    private static List<String> texts(HttpHeaders headers) {
        List<String> texts = new ArrayList<>();
        headers.forEach(field -> texts.add(field.getKey().toLowerCase(Locale.ROOT) + "=" + field.getValue()));
        return texts;
    }

    private static String printable(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1)
                .replace("\r", "\\r")
                .replace("\n", "\\n");
    }

    /** Knows what was asked, as a client does. */
    private static final class ResponseDecoder extends HttpResponseDecoder {

        private final Method method;

        ResponseDecoder(Method method) {
            this.method = method;
        }

        @Override
        protected boolean isContentAlwaysEmpty(HttpMessage message) {
            return method == Method.HEAD || super.isContentAlwaysEmpty(message);
        }
    }
}
