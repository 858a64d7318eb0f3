package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.ProxyProtocol;
import dev.turnout.proxy.connection.ProxyHeaderWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProxyHeaderTest {

    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final String IPV4 = "c0000201" + "c6336402" + "1267" + "01bb";

    private static byte[] ascii(String line) {
        return line.replace("\\r", "\r")
                .replace("\\n", "\n")
                .replace("\\0", "\0")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] v2(String hex) {
        return HexFormat.of().parseHex(SIGNATURE + hex);
    }

    /** What becomes of these bytes and a request behind them, fed whole, and then byte by byte. */
    private static String read(byte[] header) {
        String whole = read(header, header.length + 3);
        for (int size = 1; size < 4; size++) {
            assertThat(read(header, size)).isEqualTo(whole);
        }
        return whole;
    }

    private static String read(byte[] header, int pieces) {
        ByteBuf all = Unpooled.wrappedBuffer(header, ascii("GET"));
        ProxyHeader reader = new ProxyHeader();
        ProxyHeader.Result result = ProxyHeader.Result.INCOMPLETE;
        int unread = 0;
        while (all.isReadable() && result == ProxyHeader.Result.INCOMPLETE) {
            ByteBuf piece = all.readSlice(Math.min(pieces, all.readableBytes()));
            result = reader.read(piece);
            unread = piece.readableBytes() + all.readableBytes();
        }
        return switch (result) {
            case INCOMPLETE -> "incomplete";
            case REFUSED -> "refused";
            case COMPLETE -> {
                assertThat(unread).as("bytes behind the header").isEqualTo(3);
                yield reader.source() == null ? "own" : text(reader.source()) + " " + text(reader.destination());
            }
        };
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + "|" + address.getPort();
    }

    @Test
    void lineOfVersion1NamesTheClient() {
        assertThat(read(ascii("PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n")))
                .isEqualTo("192.0.2.1|4711 198.51.100.2|443");
        assertThat(read(ascii("PROXY TCP6 2001:db8::1 2001:db8::2 65535 0\r\n")))
                .isEqualTo("2001:db8:0:0:0:0:0:1|65535 2001:db8:0:0:0:0:0:2|0");
        assertThat(read(ascii("PROXY UNKNOWN\r\n"))).isEqualTo("own");
        assertThat(read(ascii("PROXY UNKNOWN ffff::1 whatever 1 2\r\n"))).isEqualTo("own");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 4711\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 4711 443 \r\n",
                "PROXY  TCP4 192.0.2.1 198.51.100.2 4711 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\rX",
                "PROXY TCP4 192.0.2.01 198.51.100.2 4711 443\r\n",
                "PROXY TCP4 192.0.2.256 198.51.100.2 4711 443\r\n",
                "PROXY TCP4 192.0.2 198.51.100.2 4711 443\r\n",
                "PROXY TCP4 localhost 198.51.100.2 4711 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 65536 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 +1 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 04711 443\r\n",
                "PROXY TCP4 2001:db8::1 2001:db8::2 4711 443\r\n",
                "PROXY TCP6 192.0.2.1 198.51.100.2 4711 443\r\n",
                "PROXY TCP6 fe80::1%eth0 2001:db8::2 4711 443\r\n",
                "PROXY TCP6 [2001:db8::1] 2001:db8::2 4711 443\r\n",
                "PROXY UDP4 192.0.2.1 198.51.100.2 4711 443\r\n",
                "proxy TCP4 192.0.2.1 198.51.100.2 4711 443\r\n",
                "PROXY UNKNOWNX\r\n",
            })
    void lineThatIsNoneOfVersion1IsRefused(String line) {
        assertThat(read(ascii(line))).isEqualTo("refused");
    }

    @Test
    void lineOfVersion1HasALimit() {
        assertThat(read(ascii("PROXY UNKNOWN " + "x".repeat(107 - 16) + "\r\n")))
                .isEqualTo("own");
        assertThat(read(ascii("PROXY UNKNOWN " + "x".repeat(108 - 16) + "\r\n")))
                .isEqualTo("refused");
    }

    @Test
    void version2NamesTheClient() {
        assertThat(read(v2("2111000c" + IPV4))).isEqualTo("192.0.2.1|4711 198.51.100.2|443");
        assertThat(read(v2("21210024" + "20010db8000000000000000000000001" + "20010db8000000000000000000000002" + "0001"
                        + "01bb")))
                .isEqualTo("2001:db8:0:0:0:0:0:1|1 2001:db8:0:0:0:0:0:2|443");
    }

    @Test
    void extensionsOfVersion2AreSkipped() {
        assertThat(read(v2("21110013" + IPV4 + "04" + "0004" + "00000000")))
                .isEqualTo("192.0.2.1|4711 198.51.100.2|443");
    }

    @Test
    void version2MayLeaveTheClientOpen() {
        assertThat(read(v2("20000000"))).isEqualTo("own");
        assertThat(read(v2("2011000c" + IPV4))).isEqualTo("own");
        assertThat(read(v2("21000000"))).isEqualTo("own");
        assertThat(read(v2("213100d8" + "00".repeat(216)))).isEqualTo("own");
        assertThat(read(v2("2112000c" + IPV4))).isEqualTo("own");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1111000c" + IPV4, // version
                "2211000c" + IPV4, // command
                "2141000c" + IPV4, // family
                "2113000c" + IPV4, // protocol
                "2111000b" + "c0000201" + "c6336402" + "126701", // too short for its family
                "21210023" + "0000000000000000000000000000000000000000000000000000000000000000000000",
                "21110801", // too long
            })
    void headerThatIsNoneOfVersion2IsRefused(String hex) {
        assertThat(read(v2(hex))).isEqualTo("refused");
    }

    @Test
    void signatureThatIsAlmostRightIsRefused() {
        assertThat(read(HexFormat.of().parseHex("0d0a0d0a000d0a515549540d" + "2111000c" + IPV4)))
                .isEqualTo("refused");
    }

    @Test
    void whatIsWrittenIsReadTheSame() {
        InetSocketAddress[] clients = {
            new InetSocketAddress("192.0.2.1", 1), new InetSocketAddress("2001:db8::1", 65535)
        };
        InetSocketAddress[] ends = {new InetSocketAddress("198.51.100.2", 443), new InetSocketAddress("2001:db8::2", 80)
        };
        for (ProxyProtocol version : new ProxyProtocol[] {ProxyProtocol.V1, ProxyProtocol.V2}) {
            for (InetSocketAddress client : clients) {
                for (InetSocketAddress end : ends) {
                    ByteBuf out = Unpooled.buffer();
                    ProxyHeaderWriter.write(version, client, end, out);
                    byte[] written = new byte[out.readableBytes()];
                    out.readBytes(written);

                    assertThat(written.length).isLessThanOrEqualTo(ProxyHeaderWriter.LONGEST);
                    assertThat(read(written)).isEqualTo(text(client) + " " + text(end));
                }
            }
            ByteBuf local = Unpooled.buffer();
            ProxyHeaderWriter.writeLocal(version, local);
            byte[] written = new byte[local.readableBytes()];
            local.readBytes(written);
            assertThat(read(written)).isEqualTo("own");
        }
    }
}
