package dev.turnout.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyReaderTest {

    private static final HeadLimits LIMITS = new HeadLimits(100, 200, 4);

    @Test
    void emptyBodyIsCompleteAtOnce() {
        assertThat(read(0, "next")).isEqualTo("|complete|+4");
    }

    @Test
    void bodyEndsWithItsLength() {
        assertThat(read(5, "hello")).isEqualTo("hello|complete|+0");
        assertThat(read(5, "hellonext")).isEqualTo("hello|complete|+4");
        assertThat(read(5, "hell")).isEqualTo("hell|more|+0");
        assertThat(read(5, "")).isEqualTo("|more|+0");
    }

    @Test
    void bodyUntilCloseTakesAllAndIsNeverComplete() {
        BodyReader reader = new BodyReader(LIMITS);
        reader.start(Head.UNTIL_CLOSE);

        assertThat(reader.endsAtClose()).isTrue();
        assertThat(read(Head.UNTIL_CLOSE, "hello")).isEqualTo("hello|more|+0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "0__next~|complete|+4",
                "000__~|complete|+0",
                "5_hello_0__next~hello|complete|+4",
                "A_0123456789_0__~0123456789|complete|+0",
                "1_a_01_b_000000000000001_c_0__~abc|complete|+0",
                "1;a=b_x_0;c_ _~x|BAD_TRAILER",
                "1;a=b_x_0;c__~x|complete|+0",
                "1;a=\";\"_x_0__~x|complete|+0",
                "1;a=\";\u00e9\"_x_0__~|BAD_CHUNK",
                "1;_x_0__~x|complete|+0",
                "1;\"_x_0__~x|complete|+0",
                "0_X-Sum: 1_Y:2_~|more|+0",
                "0_X-Sum: 1_Y:2__next~|complete|+4 x-sum=1 y=2",
                "0_Host: h_Content-Length: 1_Content-Type: t_Transfer-Encoding: x_Cookie: c_ __~|BAD_TRAILER",
                "0_Host: h_Content-Length: 1_Set-Cookie: x_ETag: c__~|complete|+0 etag=c",
                "0_a:1_b:2_c:3_d:4__~|complete|+0 a=1 b=2 c=3 d=4",
                "0_a:1_b:2_c:3_d:4_e:5__~|BAD_TRAILER",
                "0_a : 1__~|BAD_TRAILER",
                "5_hello~hello|more|+0",
                "5_hel~hel|more|+0",
                "5~|more|+0",
                "5_hello_0_~hello|more|+0",
                "_~|BAD_CHUNK",
                "g_~|BAD_CHUNK",
                "-1_~|BAD_CHUNK",
                "+1_~|BAD_CHUNK",
                "0x1_~|BAD_CHUNK",
                "1 _a~|BAD_CHUNK",
                "1 ;x_a~|BAD_CHUNK",
                "1,_a~|BAD_CHUNK",
                "' 1_a'~|BAD_CHUNK",
                ";x_~|BAD_CHUNK",
                "1_ab~a|BAD_CHUNK",
                "1_a1_b~a|BAD_CHUNK",
                "0000000000000001_a~|BAD_CHUNK",
                "ffffffffffffffff_~|BAD_CHUNK"
            })
    void chunkedBodyIsUnderstoodOrRefused(String text, String meaning) {
        String read = read(Head.CHUNKED, text.replace("_", "\r\n"));

        assertThat(read.replaceAll("(BAD_\\w+).*", "$1")).isEqualTo(meaning);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1\na\n", "1\ra", "1;a\nb\r\n", "1;a\rb\r\n", "1;\u0000\r\n", "1\r\na\n", "0\r\n\n", "0\r\n\rx"})
    void lineEndsOfChunksAreStrict(String text) {
        assertThat(read(Head.CHUNKED, text)).contains("|BAD_");
    }

    @Test
    void chunkExtensionIsBounded() {
        assertThat(read(Head.CHUNKED, "1;" + "x".repeat(253) + "\r\na\r\n0\r\n\r\n"))
                .isEqualTo("a|complete|+0");
        assertThat(read(Head.CHUNKED, "1;" + "x".repeat(254) + "\r\na\r\n0\r\n\r\n"))
                .startsWith("|BAD_CHUNK");
    }

    @Test
    void trailersAreBounded() {
        assertThat(read(Head.CHUNKED, "0\r\nX: " + "y".repeat(300) + "\r\n\r\n"))
                .startsWith("|BAD_TRAILER");
    }

    @Test
    void whatIsWrittenInChunksIsReadBack() {
        Random random = new Random(1);
        Head trailers = new Head(64);
        BodyReader reader = new BodyReader(LIMITS);
        for (int round = 0; round < 300; round++) {
            byte[] content = new byte[random.nextInt(5000)];
            random.nextBytes(content);
            trailers.reset();
            trailers.append(FieldLine.of("X-Sum", "7"));
            boolean withTrailers = random.nextBoolean();
            ByteBuf wire = chunked(content, random, withTrailers ? trailers : null);

            ByteBuf read = readInPieces(reader, wire, random);

            assertThat(reader.isComplete()).isTrue();
            assertThat(read).isEqualTo(Unpooled.wrappedBuffer(content));
            assertThat(reader.trailers() != null).isEqualTo(withTrailers);
            read.release();
            wire.release();
        }
    }

    private static ByteBuf chunked(byte[] content, Random random, Head trailers) {
        ByteBuf out = Unpooled.buffer();
        for (int at = 0; at < content.length; ) {
            int size = Math.min(content.length - at, 1 + random.nextInt(1 << random.nextInt(13)));
            int before = out.writerIndex();
            ChunkWriter.writeHeader(out, size);
            assertThat(out.toString(before, out.writerIndex() - before, StandardCharsets.US_ASCII))
                    .isEqualTo(Integer.toHexString(size) + "\r\n")
                    .hasSizeLessThanOrEqualTo(ChunkWriter.MAX_HEADER_SIZE);
            out.writeBytes(content, at, size);
            ChunkWriter.writeEnd(out);
            at += size;
        }
        ChunkWriter.writeLast(out, trailers);
        return out;
    }

    private static ByteBuf readInPieces(BodyReader reader, ByteBuf wire, Random random) {
        ByteBuf all = Unpooled.buffer();
        reader.start(Head.CHUNKED);
        while (wire.isReadable()) {
            ByteBuf in = wire.readSlice(Math.min(wire.readableBytes(), 1 + random.nextInt(700)));
            drain(reader, in, all);
        }
        return all;
    }

    private static void drain(BodyReader reader, ByteBuf in, ByteBuf all) {
        for (ByteBuf piece = reader.next(in); piece != null; piece = reader.next(in)) {
            assertThat(piece.isReadable()).isTrue();
            all.writeBytes(piece);
            piece.release();
        }
    }

    @Test
    void largestSizesAreWrittenInHexadecimal() {
        ByteBuf out = Unpooled.buffer();
        ChunkWriter.writeHeader(out, Integer.MAX_VALUE);
        ChunkWriter.writeLast(out, null);

        assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("7fffffff\r\n0\r\n\r\n");
        assertThat(out.readableBytes()).isEqualTo(ChunkWriter.MAX_HEADER_SIZE + ChunkWriter.LAST_SIZE);
        out.release();
    }

    /** Reads whole, cut in two at every byte and byte by byte; {@code content|state|+rest trailers}. */
    private static String read(long bodyLength, String text) {
        String whole = readCut(bodyLength, text, text.length(), text.length());
        for (int cut = 1; cut < text.length(); cut++) {
            String inTwo = readCut(bodyLength, text, cut, text.length());
            assertThat(inTwo).as("cut at %s", cut).isEqualTo(whole);
        }
        assertThat(readCut(bodyLength, text, 1, 1)).as("byte by byte").isEqualTo(whole);
        return whole;
    }

    private static String readCut(long bodyLength, String text, int first, int step) {
        BodyReader reader = new BodyReader(LIMITS);
        reader.start(bodyLength);
        ByteBuf all = Unpooled.buffer();
        int rest = 0;
        for (int at = 0; at < text.length(); ) {
            int to = Math.min(text.length(), at + (at == 0 ? first : step));
            ByteBuf in = Reading.buffer(text.substring(at, to));
            drain(reader, in, all);
            rest += in.readableBytes();
            in.release();
            at = to;
        }
        String content = all.toString(StandardCharsets.ISO_8859_1);
        all.release();
        if (reader.fault() != null) {
            return content + "|" + reader.fault();
        }
        String trailers = reader.trailers() == null ? "" : Reading.fields(reader.trailers());
        return content + "|" + (reader.isComplete() ? "complete" : "more") + "|+" + rest + trailers;
    }
}
