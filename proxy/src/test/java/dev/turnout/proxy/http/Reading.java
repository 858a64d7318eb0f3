package dev.turnout.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;

/** Reads heads for tests, and says in one line what was understood. Bytes are written as Latin-1. */
final class Reading {

    static final HeadLimits LIMITS = new HeadLimits(200, 600, 12);

    private Reading() {}

    static String ofRequest(String text) {
        return everyWay(() -> HeadParser.forRequests(LIMITS), true, text);
    }

    static String ofResponse(Method method, String text) {
        return everyWay(
                () -> {
                    HeadParser parser = HeadParser.forResponses(LIMITS);
                    parser.expectResponseTo(method);
                    return parser;
                },
                false,
                text);
    }

    /** A request that is accepted. */
    static Head request(String text) {
        return accepted(HeadParser.forRequests(LIMITS), text);
    }

    /** A response that is accepted. */
    static Head response(Method method, String text) {
        HeadParser parser = HeadParser.forResponses(LIMITS);
        parser.expectResponseTo(method);
        return accepted(parser, text);
    }

    static ByteBuf buffer(String text) {
        return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Head accepted(HeadParser parser, String text) {
        Head head = new Head(64);
        ByteBuf in = buffer(text);
        assertThat(parser.parse(in, head)).as(text).isEqualTo(HeadParser.Result.COMPLETE);
        in.release();
        return head;
    }

    /** Reads whole, cut in two at every byte, and byte by byte; all must tell the same. */
    private static String everyWay(Supplier<HeadParser> parsers, boolean request, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        String whole = read(parsers.get(), request, bytes);
        for (int cut = 1; cut < bytes.length; cut++) {
            byte[] front = Arrays.copyOf(bytes, cut);
            byte[] back = Arrays.copyOfRange(bytes, cut, bytes.length);
            assertThat(read(parsers.get(), request, front, back))
                    .as("cut at %s", cut)
                    .isEqualTo(whole);
        }
        byte[][] single = new byte[bytes.length][];
        for (int i = 0; i < bytes.length; i++) {
            single[i] = new byte[] {bytes[i]};
        }
        assertThat(read(parsers.get(), request, single)).as("byte by byte").isEqualTo(whole);
        return whole;
    }

    private static String read(HeadParser parser, boolean request, byte[]... parts) {
        Head head = new Head(16);
        int left = 0;
        HeadParser.Result result = HeadParser.Result.INCOMPLETE;
        for (byte[] part : parts) {
            if (result == HeadParser.Result.INCOMPLETE) {
                ByteBuf in = Unpooled.directBuffer(part.length).writeBytes(part);
                result = parser.parse(in, head);
                left += in.readableBytes();
                in.release();
            } else {
                left += part.length;
            }
        }
        return switch (result) {
            case INCOMPLETE -> "incomplete";
            case REFUSED -> parser.fault().name();
            case COMPLETE ->
                (request ? requestLine(head) : statusLine(head))
                        + framing(head)
                        + fields(head)
                        + (left == 0 ? "" : " +" + left);
        };
    }

    private static String requestLine(Head head) {
        return head.methodText() + "(" + head.method() + ") " + head.targetText();
    }

    private static String statusLine(Head head) {
        byte[] b = head.bytes();
        int from = head.reasonStart();
        return head.status() + " '" + new String(b, from, head.reasonEnd() - from, StandardCharsets.ISO_8859_1) + "'";
    }

    private static String framing(Head head) {
        String length = head.bodyLength() == Head.CHUNKED
                ? "chunked"
                : head.bodyLength() == Head.UNTIL_CLOSE ? "until-close" : Long.toString(head.bodyLength());
        return " 1." + head.minorVersion() + " " + length + (head.isKeepAlive() ? " keep" : " close");
    }

    /** The fields that are not dropped, {@code  name=value} each. */
    static String fields(Head head) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < head.fieldCount(); i++) {
            if (!head.isDropped(i)) {
                text.append(" ").append(head.nameText(i)).append("=").append(head.value(i));
            }
        }
        return text.toString();
    }
}
