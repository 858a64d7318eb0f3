package dev.turnout.proxy.fuzz;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Immutable. Reads requests with Netty's decoder, as the apps behind do that stand on Netty. */
public final class NettyReader {

    private static final int LONGEST = 1 << 16;

    private NettyReader() {}

    /** What the decoder understood: a text for each request. */
    public static List<String> requests(String text) {
        EmbeddedChannel channel = new EmbeddedChannel(new HttpRequestDecoder(LONGEST, LONGEST, LONGEST));
        channel.writeInbound(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.ISO_8859_1)));
        List<String> requests = new ArrayList<>();
        StringBuilder current = new StringBuilder();
        for (Object read = channel.readInbound(); read != null; read = channel.readInbound()) {
            HttpObject part = (HttpObject) read;
            if (part.decoderResult().isFailure()) {
                current.append("refused: ").append(part.decoderResult().cause());
            }
            if (part instanceof HttpRequest request) {
                current.append(request.method())
                        .append(' ')
                        .append(request.uri())
                        .append(' ')
                        .append(request.headers().getAll("host"))
                        .append('\n');
            }
            if (part instanceof HttpContent content) {
                current.append(content.content().toString(StandardCharsets.ISO_8859_1));
            }
            if (part instanceof LastHttpContent last) {
                current.append('\n').append(last.trailingHeaders().size());
                requests.add(current.toString());
                current.setLength(0);
            }
            ReferenceCountUtil.release(read);
        }
        if (!current.isEmpty()) {
            requests.add(current.toString());
        }
        channel.close();
        for (Object late = channel.readInbound(); late != null; late = channel.readInbound()) {
            ReferenceCountUtil.release(late);
        }
        return requests;
    }

    /** The same texts for what the reference reader understood. */
    public static List<String> summary(List<Message> messages) {
        return messages.stream()
                .map(message -> message.startLine()
                        + (message.fields().stream().anyMatch(field -> field.startsWith("host="))
                                ? " [" + message.host() + "]\n"
                                : " []\n")
                        + message.body()
                        + (message.isWhole() ? "\n" + message.trailers().size() : ""))
                .toList();
    }
}
