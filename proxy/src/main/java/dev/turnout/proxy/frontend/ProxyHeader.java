package dev.turnout.proxy.frontend;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Reads the header of the PROXY protocol that a connection begins with, version 1 or 2, strictly by
 * HAProxy's proxy-protocol.txt, sections 2.1 and 2.2. Extensions (TLVs) are skipped.
 */
final class ProxyHeader {

    /** What has come of the bytes so far. */
    enum Result {
        INCOMPLETE,
        COMPLETE,
        REFUSED
    }

    private static final byte[] SIGNATURE_V2 = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    private static final byte[] SIGNATURE_V1 = {'P', 'R', 'O', 'X', 'Y', ' '};

    /** Bytes of the longest line of version 1, with its CR LF. */
    private static final int LONGEST_V1 = 107;

    /** Bytes behind the first 16 of version 2: the longest addresses (216, for Unix sockets), and room for extensions. */
    private static final int LONGEST_V2 = 2048;

    private static final int FIXED_V2 = 16;

    private static final int AF_INET = 1;
    private static final int AF_INET6 = 2;
    private static final int AF_UNIX = 3;

    /** What has come; grows to the size of the header and no further. */
    private final byte[] bytes = new byte[FIXED_V2 + LONGEST_V2];

    private int length;
    private @Nullable InetSocketAddress source;
    private @Nullable InetSocketAddress destination;

    /** Reads on, and takes nothing that stands behind the header. */
    Result read(ByteBuf in) {
        while (true) {
            int wanted = wanted();
            if (wanted < 0) {
                return Result.REFUSED;
            }
            if (wanted == 0) {
                return decode() ? Result.COMPLETE : Result.REFUSED;
            }
            if (!in.isReadable()) {
                return Result.INCOMPLETE;
            }
            int count = Math.min(wanted, in.readableBytes());
            in.readBytes(bytes, length, count);
            length += count;
        }
    }

    /** Who the client is, as the peer says; null if it speaks for itself (LOCAL, UNKNOWN, or an address that is not IP). */
    @Nullable
    InetSocketAddress source() {
        return source;
    }

    /** Where the client connected to; null if {@link #source} is. */
    @Nullable
    InetSocketAddress destination() {
        return destination;
    }

    /** How many more bytes certainly belong to the header; 0 if it is whole, -1 if it is none. */
    private int wanted() {
        if (length == 0) {
            return 1;
        }
        if (bytes[0] == SIGNATURE_V1[0]) {
            return wantedOfV1();
        }
        int known = Math.min(length, SIGNATURE_V2.length);
        for (int i = 0; i < known; i++) {
            if (bytes[i] != SIGNATURE_V2[i]) {
                return -1;
            }
        }
        if (length < FIXED_V2) {
            return FIXED_V2 - length;
        }
        int rest = unsignedShort(14);
        return rest > LONGEST_V2 ? -1 : FIXED_V2 + rest - length;
    }

    /** Byte by byte: only its end says how long a line is. */
    private int wantedOfV1() {
        int known = Math.min(length, SIGNATURE_V1.length);
        for (int i = 0; i < known; i++) {
            if (bytes[i] != SIGNATURE_V1[i]) {
                return -1;
            }
        }
        if (bytes[length - 1] == '\n') {
            return bytes[length - 2] == '\r' ? 0 : -1;
        }
        return length == LONGEST_V1 || (length > 1 && bytes[length - 2] == '\r') ? -1 : 1;
    }

    private boolean decode() {
        return bytes[0] == 'P' ? decodeV1() : decodeV2();
    }

    private boolean decodeV1() {
        String line = new String(bytes, 0, length - 2, StandardCharsets.ISO_8859_1);
        if (line.equals("PROXY UNKNOWN") || line.startsWith("PROXY UNKNOWN ")) {
            return true;
        }
        String[] words = line.split(" ", -1);
        if (words.length != 6) {
            return false;
        }
        byte[] from;
        byte[] to;
        switch (words[1]) {
            case "TCP4" -> {
                from = ipv4(words[2]);
                to = ipv4(words[3]);
            }
            case "TCP6" -> {
                from = ipv6(words[2]);
                to = ipv6(words[3]);
            }
            default -> {
                return false;
            }
        }
        int fromPort = port(words[4]);
        int toPort = port(words[5]);
        if (from == null || to == null || fromPort < 0 || toPort < 0) {
            return false;
        }
        source = address(from, fromPort);
        destination = address(to, toPort);
        return true;
    }

    private boolean decodeV2() {
        int versionAndCommand = bytes[12] & 0xff;
        int family = (bytes[13] & 0xff) >> 4;
        int protocol = bytes[13] & 0xf;
        int rest = length - FIXED_V2;
        if (versionAndCommand == 0x20) {
            return true;
        }
        if (versionAndCommand != 0x21 || family > AF_UNIX || protocol > 2) {
            return false;
        }
        if (family == AF_INET && protocol == 1) {
            return rest >= 12 && addresses(4);
        }
        if (family == AF_INET6 && protocol == 1) {
            return rest >= 36 && addresses(16);
        }
        // Unspecified, a datagram or a Unix socket: the connection's own address is the best that is known.
        return true;
    }

    private boolean addresses(int size) {
        int ports = FIXED_V2 + 2 * size;
        source = address(slice(FIXED_V2, size), unsignedShort(ports));
        destination = address(slice(FIXED_V2 + size, size), unsignedShort(ports + 2));
        return true;
    }

    private byte[] slice(int from, int size) {
        byte[] slice = new byte[size];
        System.arraycopy(bytes, from, slice, 0, size);
        return slice;
    }

    private int unsignedShort(int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }

    private static InetSocketAddress address(byte[] address, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are an address", e);
        }
    }

    /** Four numbers without leading zeros; never a name. */
    private static byte @Nullable [] ipv4(String text) {
        String[] parts = text.split("\\.", -1);
        byte[] address = new byte[4];
        for (int i = 0; i < 4; i++) {
            int number = parts.length == 4 ? number(parts[i], 255) : -1;
            if (number < 0) {
                return null;
            }
            address[i] = (byte) number;
        }
        return address;
    }

    private static byte @Nullable [] ipv6(String text) {
        return text.indexOf('%') < 0 && text.indexOf(':') >= 0 && text.indexOf('[') < 0
                ? io.netty.util.NetUtil.createByteArrayFromIpAddressString(text)
                : null;
    }

    private static int port(String text) {
        return number(text, 65_535);
    }

    /** A decimal number without sign or leading zeros; -1 if it is none, or more than {@code most}. */
    private static int number(String text, int most) {
        if (text.isEmpty() || text.length() > 5 || (text.length() > 1 && text.charAt(0) == '0')) {
            return -1;
        }
        int number = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = number * 10 + c - '0';
        }
        return number > most ? -1 : number;
    }
}
