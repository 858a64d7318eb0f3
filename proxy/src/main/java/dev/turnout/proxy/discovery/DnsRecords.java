package dev.turnout.proxy.discovery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Immutable. Reads records of the DNS, whose content may be anything: what is no such record is left out. */
final class DnsRecords {

    /**
     * Immutable.
     *
     * @param target without a dot at its end
     */
    record Srv(int priority, int weight, int port, String target) {}

    private static final int SRV_FIXED = 6;
    private static final int HEAVIEST = 100;
    private static final int LONGEST_NAME = 253;

    private DnsRecords() {}

    /** The addresses of A and AAAA records in the spelling of RFC 5952, sorted, none twice, and none that is no server's. */
    static List<String> addresses(List<DnsRecord> records) {
        List<String> addresses = new ArrayList<>();
        for (DnsRecord each : records) {
            boolean wanted = each.type().equals(DnsRecordType.A) || each.type().equals(DnsRecordType.AAAA);
            if (!wanted || !(each instanceof ByteBufHolder holder)) {
                continue;
            }
            byte[] bytes = bytes(holder.content());
            if (bytes.length != (each.type().equals(DnsRecordType.A) ? 4 : 16)) {
                continue;
            }
            try {
                InetAddress address = InetAddress.getByAddress(bytes);
                if (!address.isAnyLocalAddress() && !address.isMulticastAddress()) {
                    addresses.add(NetUtil.toAddressString(address));
                }
            } catch (UnknownHostException e) {
                throw new IllegalStateException("4 or 16 bytes are an address", e);
            }
        }
        return addresses.stream().distinct().sorted().toList();
    }

    /** SRV records, by priority and name. That of the target "." says that there is no such service, and is left out. */
    static List<Srv> services(List<DnsRecord> records) {
        List<Srv> services = new ArrayList<>();
        for (DnsRecord each : records) {
            if (!each.type().equals(DnsRecordType.SRV) || !(each instanceof ByteBufHolder holder)) {
                continue;
            }
            ByteBuf content = holder.content().duplicate();
            if (content.readableBytes() <= SRV_FIXED) {
                continue;
            }
            int priority = content.readUnsignedShort();
            int weight = content.readUnsignedShort();
            int port = content.readUnsignedShort();
            String target = target(content);
            if (port != 0 && !target.isEmpty()) {
                services.add(new Srv(priority, weight, port, target));
            }
        }
        return services.stream()
                .distinct()
                .sorted(Comparator.comparingInt(Srv::priority)
                        .thenComparing(Srv::target)
                        .thenComparingInt(Srv::port))
                .toList();
    }

    /** The weight of one of them in 1..100, so that those of its priority keep their ratios as far as that goes. */
    static int weight(Srv of, List<Srv> all) {
        int heaviest = all.stream()
                .filter(each -> each.priority() == of.priority())
                .mapToInt(Srv::weight)
                .max()
                .orElse(0);
        // RFC 2782: all of weight 0 share evenly, and beside others that one gets next to nothing.
        return heaviest == 0 ? 1 : Math.max(1, Math.round((float) of.weight() * HEAVIEST / heaviest));
    }

    /** The shortest of their times. */
    static long ttlSeconds(List<DnsRecord> records) {
        return records.stream().mapToLong(DnsRecord::timeToLive).min().orElse(0);
    }

    /** What an alias (CNAME) leads to, without a dot at its end; empty if it is none. */
    static String alias(DnsRecord record) {
        return record.type().equals(DnsRecordType.CNAME) && record instanceof ByteBufHolder holder
                ? target(holder.content().duplicate())
                : "";
    }

    private static String target(ByteBuf content) {
        try {
            String name = DefaultDnsRecordDecoder.decodeName(content).toLowerCase(Locale.ROOT);
            String target = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
            return isName(target) ? target : "";
        } catch (CorruptedFrameException | IndexOutOfBoundsException e) {
            return "";
        }
    }

    /** Its labels may hold any byte, but no name of a server does, and it goes into heads and files. */
    private static boolean isName(String text) {
        return text.length() <= LONGEST_NAME
                && text.chars()
                        .allMatch(each -> (each >= 'a' && each <= 'z')
                                || (each >= '0' && each <= '9')
                                || each == '-'
                                || each == '_'
                                || each == '.');
    }

    private static byte[] bytes(ByteBuf content) {
        byte[] bytes = new byte[content.readableBytes()];
        content.getBytes(content.readerIndex(), bytes);
        return bytes;
    }
}
