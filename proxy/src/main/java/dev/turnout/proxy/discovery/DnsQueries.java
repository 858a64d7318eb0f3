package dev.turnout.proxy.discovery;

import io.netty.channel.AddressedEnvelope;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. Asks for the records of one whole name: one name server after the other until one knows, and the
 * name behind an alias. There are none only if a server says so; what is cut off, refused or not answered is a failure.
 */
final class DnsQueries {

    /** Confined to one event loop. Sends one question to one server, over TCP if its answer is too long for UDP. */
    interface Transport {
        Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> ask(InetSocketAddress server, DnsQuestion question);
    }

    private static final int MOST_SERVERS = 16;

    /** Questions for one name, one for each alias that leads out of an answer. */
    private static final int MOST_QUESTIONS = 8;

    private final DnsServerAddressStreamProvider servers;
    private final Transport transport;

    DnsQueries(DnsServerAddressStreamProvider servers, Transport transport) {
        this.servers = servers;
        this.transport = transport;
    }

    /**
     * Records of that type, and the aliases that led to them. Whoever gets them releases them.
     *
     * @param name ends with a dot
     * @return fails with a {@link LookupFailure}
     */
    CompletableFuture<List<DnsRecord>> records(String name, DnsRecordType type) {
        return records(name, type, 1, List.of());
    }

    private CompletableFuture<List<DnsRecord>> records(
            String name, DnsRecordType type, int made, List<DnsRecord> aliases) {
        DnsQuestion question;
        try {
            question = new DefaultDnsQuestion(name, type);
        } catch (IllegalArgumentException e) {
            // A label of more than 63 characters, say.
            aliases.forEach(ReferenceCountUtil::release);
            return CompletableFuture.failedFuture(LookupFailure.failed(String.valueOf(e.getMessage())));
        }
        DnsServerAddressStream stream = servers.nameServerAddressStream(question.name());
        CompletableFuture<List<DnsRecord>> answer = new CompletableFuture<>();
        ask(question, stream, Math.min(MOST_SERVERS, stream.size()), answer);
        return answer.handle((records, failure) -> {
                    if (failure != null) {
                        aliases.forEach(ReferenceCountUtil::release);
                        return CompletableFuture.<List<DnsRecord>>failedFuture(failure);
                    }
                    List<DnsRecord> all = new ArrayList<>(aliases);
                    all.addAll(records);
                    return followed(question, all, records, made);
                })
                .thenCompose(next -> next);
    }

    private CompletableFuture<List<DnsRecord>> followed(
            DnsQuestion question, List<DnsRecord> all, List<DnsRecord> last, int made) {
        if (last.stream().anyMatch(each -> each.type().equals(question.type()))) {
            return CompletableFuture.completedFuture(all);
        }
        if (last.isEmpty()) {
            all.forEach(ReferenceCountUtil::release);
            return CompletableFuture.failedFuture(LookupFailure.absent("it has no such record"));
        }
        String target = DnsRecords.alias(last.get(last.size() - 1));
        if (target.isEmpty() || made == MOST_QUESTIONS) {
            all.forEach(ReferenceCountUtil::release);
            return CompletableFuture.failedFuture(LookupFailure.failed("its aliases lead nowhere"));
        }
        return records(target + ".", question.type(), made + 1, all);
    }

    private void ask(
            DnsQuestion question,
            DnsServerAddressStream stream,
            int serversLeft,
            CompletableFuture<List<DnsRecord>> answer) {
        Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> asked;
        try {
            asked = transport.ask(stream.next(), question);
        } catch (RuntimeException e) {
            answer.completeExceptionally(failure(e));
            return;
        }
        asked.addListener(done -> {
            LookupFailure failure = done.isSuccess() ? take(done.getNow(), question, answer) : failure(done.cause());
            if (failure == null) {
                return;
            }
            if (serversLeft > 1 && !(LookupFailure.answer(failure) instanceof Answer.Absent)) {
                ask(question, stream, serversLeft - 1, answer);
            } else {
                answer.completeExceptionally(failure);
            }
        });
    }

    /** Completes the answer with what that says, or returns why it does not. */
    private static @Nullable LookupFailure take(
            Object envelope, DnsQuestion question, CompletableFuture<List<DnsRecord>> answer) {
        try {
            DnsResponse response = response(envelope);
            LookupFailure failure = failure(response);
            if (failure == null) {
                answer.complete(answers(response, question));
            }
            return failure;
        } catch (RuntimeException e) {
            // Netty would swallow it, and the name would never be looked up again.
            return failure(e);
        } finally {
            ReferenceCountUtil.release(envelope);
        }
    }

    @SuppressWarnings("unchecked")
    private static DnsResponse response(Object envelope) {
        return ((AddressedEnvelope<DnsResponse, InetSocketAddress>) envelope).content();
    }

    private static @Nullable LookupFailure failure(DnsResponse response) {
        DnsResponseCode code = response.code();
        if (code.equals(DnsResponseCode.NXDOMAIN)) {
            return LookupFailure.absent("there is no such name (NXDOMAIN)");
        }
        if (!code.equals(DnsResponseCode.NOERROR)) {
            return LookupFailure.failed(
                    "the name server said " + code.toString().toUpperCase(Locale.ROOT));
        }
        // Its rest was to be had over TCP, and was not. A part taken for the whole would have the others drained.
        return response.isTruncated()
                ? LookupFailure.failed("the answer is cut off, and not to be had over TCP")
                : null;
    }

    private static LookupFailure failure(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DnsNameResolverTimeoutException) {
                return LookupFailure.failed("no name server answered");
            }
        }
        return LookupFailure.failed(String.valueOf(failure.getMessage()));
    }

    /** The aliases from the name on, in order, and behind them the records of what they lead to, all retained. */
    private static List<DnsRecord> answers(DnsResponse response, DnsQuestion question) {
        List<DnsRecord> records = new ArrayList<>();
        Map<String, DnsRecord> aliases = new HashMap<>();
        for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
            DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
            if (record.type().equals(DnsRecordType.CNAME)) {
                aliases.putIfAbsent(owner(record.name()), record);
            }
        }
        String name = owner(question.name());
        for (DnsRecord alias = aliases.remove(name); alias != null; alias = aliases.remove(name)) {
            records.add(ReferenceCountUtil.retain(alias));
            name = DnsRecords.alias(alias);
        }
        for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
            DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
            if (record.type().equals(question.type()) && owner(record.name()).equals(name)) {
                records.add(ReferenceCountUtil.retain(record));
            }
        }
        return records;
    }

    private static String owner(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
