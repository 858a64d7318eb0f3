package dev.turnout.proxy.connection;

import dev.turnout.config.ProxyProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Immutable. Writes the header of the PROXY protocol that tells a backend who the client is (HAProxy's proxy-protocol.txt). */
public final class ProxyHeaderWriter {

    /** No header of ours is longer: version 1 says how long its line may be. */
    public static final int LONGEST = 107;

    private static final byte[] SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    private static final int COMMAND_LOCAL = 0x20;
    private static final int COMMAND_PROXY = 0x21;
    private static final int TCP_OVER_IPV4 = 0x11;
    private static final int TCP_OVER_IPV6 = 0x21;

    private ProxyHeaderWriter() {}

    /** Says that a connection carries what {@code client} sent to {@code reached}. */
    public static void write(ProxyProtocol version, InetSocketAddress client, InetSocketAddress reached, ByteBuf out) {
        byte[] from = client.getAddress().getAddress();
        byte[] to = reached.getAddress().getAddress();
        if (from.length != to.length) {
            // A header has one family for both: an IPv4 address has a form in IPv6.
            from = mapped(from);
            to = mapped(to);
        }
        switch (version) {
            case OFF -> {}
            case V1 -> {
                String family = from.length == 4 ? "TCP4" : "TCP6";
                text(
                        "PROXY " + family + " " + words(from) + " " + words(to) + " " + client.getPort() + " "
                                + reached.getPort() + "\r\n",
                        out);
            }
            case V2 -> {
                out.writeBytes(SIGNATURE).writeByte(COMMAND_PROXY);
                out.writeByte(from.length == 4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6);
                out.writeShort(2 * from.length + 4);
                out.writeBytes(from).writeBytes(to);
                out.writeShort(client.getPort()).writeShort(reached.getPort());
            }
        }
    }

    /** Says that a connection is Turnout's own: a probe. */
    public static void writeLocal(ProxyProtocol version, ByteBuf out) {
        switch (version) {
            case OFF -> {}
            case V1 -> text("PROXY UNKNOWN\r\n", out);
            case V2 ->
                out.writeBytes(SIGNATURE).writeByte(COMMAND_LOCAL).writeByte(0).writeShort(0);
        }
    }

    private static void text(String line, ByteBuf out) {
        out.writeCharSequence(line, StandardCharsets.US_ASCII);
    }

    private static String words(byte[] address) {
        return NetUtil.bytesToIpAddress(address);
    }

    /** {@code ::ffff:192.0.2.1} (RFC 4291 section 2.5.5.2). */
    private static byte[] mapped(byte[] address) {
        if (address.length == 16) {
            return address;
        }
        byte[] mapped = new byte[16];
        Arrays.fill(mapped, 10, 12, (byte) 0xff);
        System.arraycopy(address, 0, mapped, 12, 4);
        return mapped;
    }
}
