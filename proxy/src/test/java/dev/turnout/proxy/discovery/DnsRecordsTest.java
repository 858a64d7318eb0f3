package dev.turnout.proxy.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.discovery.DnsRecords.Srv;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DnsRecordsTest {

    @Test
    void addressesAreSortedInOneSpellingAndNoneTwice() {
        assertThat(DnsRecords.addresses(List.of(
                        a(10, 0, 0, 9),
                        aaaa(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
                        a(10, 0, 0, 10),
                        a(10, 0, 0, 9))))
                .containsExactly("10.0.0.10", "10.0.0.9", "2001:db8::1");
    }

    @Test
    void whatIsNoAddressOfAServerIsLeftOut() {
        assertThat(DnsRecords.addresses(List.of(
                        a(0, 0, 0, 0),
                        a(224, 0, 0, 1),
                        a(10, 0, 0),
                        a(10, 0, 0, 1, 2),
                        aaaa(10, 0, 0, 1),
                        record(DnsRecordType.CNAME, 60, 1, 'x', 0))))
                .isEmpty();
    }

    @Test
    void servicesAreReadByPriority() {
        assertThat(DnsRecords.services(List.of(srv(20, 5, 8080, "B.App"), srv(10, 0, 80, "a.app"))))
                .containsExactly(new Srv(10, 0, 80, "a.app"), new Srv(20, 5, 8080, "b.app"));
    }

    @Test
    void whatIsNoServiceIsLeftOut() {
        assertThat(DnsRecords.services(List.of(
                        srv(0, 0, 80, ""),
                        srv(0, 0, 0, "a.app"),
                        record(DnsRecordType.SRV, 60, 0, 0, 0, 0, 0, 80),
                        record(DnsRecordType.SRV, 60, 0, 0, 0, 0, 0, 80, 0xc0, 0xff),
                        record(DnsRecordType.SRV, 60, 0, 0, 0, 0, 0, 80, 5, 'a'),
                        srv(0, 0, 80, "a\r\nb.app"),
                        srv(0, 0, 80, "a b.app"),
                        record(DnsRecordType.SRV, 60, 1))))
                .isEmpty();
    }

    @Test
    void weightsKeepTheirRatiosWithinTheirPriority() {
        List<Srv> all = List.of(
                new Srv(10, 100, 80, "a"),
                new Srv(10, 300, 80, "b"),
                new Srv(10, 0, 80, "c"),
                new Srv(10, 1, 80, "d"),
                new Srv(20, 65_535, 80, "e"),
                new Srv(30, 0, 80, "f"),
                new Srv(30, 0, 80, "g"));

        assertThat(all.stream().map(each -> DnsRecords.weight(each, all))).containsExactly(33, 100, 1, 1, 100, 1, 1);
    }

    @Test
    void shortestTimeCounts() {
        assertThat(DnsRecords.ttlSeconds(List.of(
                        record(DnsRecordType.A, 60, 1),
                        record(DnsRecordType.A, 5, 1),
                        record(DnsRecordType.A, 600, 1))))
                .isEqualTo(5);
    }

    /** A name server may send anything. */
    @Test
    void garbageIsReadWithoutAnException() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            int[] content = random.ints(random.nextInt(40), 0, 256).toArray();
            for (DnsRecordType type : List.of(DnsRecordType.A, DnsRecordType.AAAA, DnsRecordType.SRV)) {
                DnsRecord record = record(type, 60, content);
                assertThat(DnsRecords.addresses(List.of(record)).size()
                                + DnsRecords.services(List.of(record)).size())
                        .isLessThanOrEqualTo(1);
            }
        }
    }

    private static DnsRecord a(int... bytes) {
        return record(DnsRecordType.A, 60, bytes);
    }

    private static DnsRecord aaaa(int... bytes) {
        return record(DnsRecordType.AAAA, 60, bytes);
    }

    private static DnsRecord srv(int priority, int weight, int port, String target) {
        ByteBuf content = Unpooled.buffer();
        content.writeShort(priority).writeShort(weight).writeShort(port);
        for (String label : target.isEmpty() ? new String[0] : target.split("\\.")) {
            content.writeByte(label.length());
            content.writeCharSequence(label, StandardCharsets.US_ASCII);
        }
        content.writeByte(0);
        return new DefaultDnsRawRecord("_http._tcp.app.", DnsRecordType.SRV, 60, content);
    }

    private static DnsRecord record(DnsRecordType type, long ttl, int... content) {
        ByteBuf bytes = Unpooled.buffer();
        for (int each : content) {
            bytes.writeByte(each);
        }
        return new DefaultDnsRawRecord("app.", type, ttl, bytes);
    }
}
