package dev.turnout.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. What a host may look like. By hand, because {@link InetAddress#getByName} asks the DNS about whatever is
 * not quite an IP address ({@code 256.1.1.1}) and takes shorthands ({@code 10.1}) that people read differently.
 */
final class HostSyntax {

    private HostSyntax() {}

    /**
     * Accepts host names, IPv4 literals, and IPv6 literals without brackets, with or without a zone.
     *
     * @throws IllegalArgumentException for anything else
     */
    static void check(String host) {
        int zone = host.indexOf('%');
        boolean good;
        if (host.indexOf(':') >= 0) {
            good = zone < 0
                    ? literal(host) != null
                    : literal(host.substring(0, zone)) != null && isName(host, zone + 1);
        } else {
            good = isName(host, 0) && (!isNumeric(host) || literal(host) != null);
        }
        if (!good) {
            throw new IllegalArgumentException("not a host name or IP address");
        }
    }

    /** The address that {@code text} spells; null when it is no IP literal. Never asks the DNS. */
    static @Nullable InetAddress literal(String text) {
        try {
            if (text.indexOf(':') >= 0) {
                return isIpv6Alphabet(text) ? InetAddress.getByName(text) : null;
            }
            byte[] octets = octets(text);
            return octets == null ? null : InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static byte @Nullable [] octets(String text) {
        byte[] octets = new byte[4];
        int at = 0;
        for (int i = 0; i < 4; i++) {
            int end = i == 3 ? text.length() : text.indexOf('.', at);
            int length = end - at;
            if (length < 1 || length > 3 || (length > 1 && text.charAt(at) == '0')) {
                return null;
            }
            int octet = 0;
            for (; at < end; at++) {
                int digit = text.charAt(at) - '0';
                if (digit < 0 || digit > 9) {
                    return null;
                }
                octet = octet * 10 + digit;
            }
            if (octet > 255) {
                return null;
            }
            octets[i] = (byte) octet;
            at++;
        }
        return octets;
    }

    /** With a colon inside and a hex digit or colon in front, the JDK parses or refuses, but never looks up. */
    private static boolean isIpv6Alphabet(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean hexOrColon = c == ':' || isDigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
            if (!hexOrColon && (c != '.' || i == 0)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isName(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
            if (!letter && !isDigit(c) && c != '-' && c != '.' && c != '_') {
                return false;
            }
        }
        return from < text.length() && text.length() - from <= 253;
    }

    private static boolean isNumeric(String text) {
        return text.chars().allMatch(c -> c == '.' || isDigit((char) c));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
