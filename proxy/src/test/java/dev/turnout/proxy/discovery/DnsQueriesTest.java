package dev.turnout.proxy.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AddressedEnvelope;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DnsQueriesTest {

    private static final String NAME = "app.test.";
    private static final InetSocketAddress FIRST = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    private static final InetSocketAddress SECOND = new InetSocketAddress(InetAddress.getLoopbackAddress(), 2);

    private final List<String> asked = new ArrayList<>();
    private final List<DnsRecord> made = new ArrayList<>();
    /** What a server says of a name, null if it does not answer. */
    private BiFunction<InetSocketAddress, String, DnsResponse> said =
            (server, name) -> response(DnsResponseCode.NOERROR);

    private final DnsQueries queries =
            new DnsQueries(new SequentialDnsServerAddressStreamProvider(FIRST, SECOND), this::ask);

    @AfterEach
    void nothingIsLeaked() {
        assertThat(made).allMatch(each -> ((ReferenceCounted) each).refCnt() == 0);
    }

    @Test
    void recordsOfTheNameAndNobodyElsesAreTheAnswer() {
        said = (server, name) -> response(DnsResponseCode.NOERROR, a("APP.test.", 1), a("other.test.", 2), text(NAME));

        assertThat(found()).containsExactly("10.0.0.1");
        assertThat(asked).containsExactly("1 app.test.");
    }

    @Test
    void serverThatCannotAnswerIsPassedOver() {
        for (DnsResponseCode code : List.of(
                DnsResponseCode.SERVFAIL, DnsResponseCode.REFUSED, DnsResponseCode.NOTIMP, DnsResponseCode.FORMERR)) {
            asked.clear();
            said = (server, name) ->
                    server.equals(FIRST) ? response(code) : response(DnsResponseCode.NOERROR, a(NAME, 1));

            assertThat(found()).containsExactly("10.0.0.1");
            assertThat(asked).containsExactly("1 app.test.", "2 app.test.");
        }
    }

    @Test
    void nobodyKnowsIfAllServersRefuseOrSayNothing() {
        said = (server, name) -> response(DnsResponseCode.REFUSED);
        assertThat(failure().toString()).isEqualTo("Failed[why=the name server said REFUSED(5)]");

        said = (server, name) -> {
            throw new IllegalStateException("port unreachable");
        };
        assertThat(failure()).isEqualTo(new Answer.Failed("port unreachable"));
    }

    @Test
    void thereIsNoneOnlyIfAServerSaysSo() {
        said = (server, name) -> response(DnsResponseCode.NXDOMAIN);
        assertThat(failure()).isEqualTo(new Answer.Absent("there is no such name (NXDOMAIN)"));
        assertThat(asked).containsExactly("1 app.test.");

        said = (server, name) -> response(DnsResponseCode.NOERROR, text(NAME));
        assertThat(failure()).isEqualTo(new Answer.Absent("it has no such record"));
    }

    @Test
    void partOfAnAnswerIsNone() {
        said = (server, name) -> {
            DnsResponse cut = response(DnsResponseCode.NOERROR, a(NAME, 1));
            cut.setTruncated(true);
            return cut;
        };

        assertThat(failure()).isEqualTo(new Answer.Failed("the answer is cut off, and not to be had over TCP"));
    }

    @Test
    void aliasesAreFollowedWithinAnAnswerAndBeyond() {
        said = (server, name) -> name.equals(NAME)
                ? response(DnsResponseCode.NOERROR, alias("b.test.", "c.test."), alias(NAME, "b.test."))
                : response(DnsResponseCode.NOERROR, alias("c.test.", "d.test."), a("d.test.", 4));

        assertThat(found()).containsExactly("10.0.0.4");
        assertThat(asked).containsExactly("1 app.test.", "1 c.test.");
    }

    @Test
    void aliasesThatLeadNowhereAreAFailureAndEnd() {
        said = (server, name) -> response(DnsResponseCode.NOERROR, alias(name, "x" + name));
        assertThat(failure()).isEqualTo(new Answer.Failed("its aliases lead nowhere"));
        assertThat(asked).hasSize(8);

        said = (server, name) -> response(DnsResponseCode.NOERROR, alias(NAME, NAME));
        assertThat(failure()).isEqualTo(new Answer.Failed("its aliases lead nowhere"));

        said = (server, name) -> name.equals(NAME)
                ? response(DnsResponseCode.NOERROR, alias(NAME, "gone.test."))
                : response(DnsResponseCode.NXDOMAIN);
        assertThat(failure()).isInstanceOf(Answer.Absent.class);
    }

    @Test
    void nameThatIsNoneIsAFailure() {
        CompletableFuture<List<DnsRecord>> records = queries.records("x".repeat(64) + ".test.", DnsRecordType.A);

        assertThat(LookupFailure.answer(catchThrowable(records::join))).isInstanceOf(Answer.Failed.class);
        assertThat(asked).isEmpty();
    }

    private List<String> found() {
        List<DnsRecord> records = queries.records(NAME, DnsRecordType.A).join();
        try {
            return DnsRecords.addresses(records);
        } finally {
            records.forEach(ReferenceCountUtil::release);
        }
    }

    private Answer failure() {
        asked.clear();
        return LookupFailure.answer(
                catchThrowable(() -> queries.records(NAME, DnsRecordType.A).join()));
    }

    private Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> ask(
            InetSocketAddress server, DnsQuestion question) {
        asked.add(server.getPort() + " " + question.name());
        try {
            DatagramDnsResponse response = (DatagramDnsResponse) said.apply(server, question.name());
            return ImmediateEventExecutor.INSTANCE.newSucceededFuture(envelope(response));
        } catch (IllegalStateException e) {
            return ImmediateEventExecutor.INSTANCE.newFailedFuture(new IOException(e.getMessage()));
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static AddressedEnvelope<DnsResponse, InetSocketAddress> envelope(DatagramDnsResponse response) {
        return (AddressedEnvelope) response;
    }

    private static DnsResponse response(DnsResponseCode code, DnsRecord... records) {
        DatagramDnsResponse response = new DatagramDnsResponse(FIRST, SECOND, 1);
        response.setCode(code);
        for (DnsRecord each : records) {
            response.addRecord(DnsSection.ANSWER, each);
        }
        return response;
    }

    private DnsRecord a(String name, int last) {
        return record(name, DnsRecordType.A, Unpooled.wrappedBuffer(new byte[] {10, 0, 0, (byte) last}));
    }

    private DnsRecord text(String name) {
        return record(name, DnsRecordType.TXT, Unpooled.wrappedBuffer(new byte[] {0}));
    }

    private DnsRecord alias(String name, String target) {
        ByteBuf content = Unpooled.buffer();
        for (String label : target.substring(0, target.length() - 1).split("\\.", -1)) {
            content.writeByte(label.length()).writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        return record(name, DnsRecordType.CNAME, content.writeByte(0));
    }

    private DnsRecord record(String name, DnsRecordType type, ByteBuf content) {
        DnsRecord record = new DefaultDnsRawRecord(name, type, 60, content);
        made.add(record);
        return record;
    }
}
