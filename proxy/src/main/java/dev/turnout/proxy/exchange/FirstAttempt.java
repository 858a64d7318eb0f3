package dev.turnout.proxy.exchange;

import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.connection.TimerWheel;
import dev.turnout.proxy.connection.Worker;
import dev.turnout.proxy.release.Evidence;
import dev.turnout.proxy.release.Release;
import dev.turnout.proxy.release.Routed;
import dev.turnout.proxy.release.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. What the judge of a release hears of one request: how its first attempt went, whatever
 * attempts after it have mended. Outside of a release it is counted alone.
 */
final class FirstAttempt {

    private static final int ROUTE_LENGTH = 100;

    private final Evidence evidence;
    private final Worker worker;
    private final ExchangeRecord record;
    private final Backend backend;
    private final @Nullable Release release;
    private final Routed routed;
    private final long user;

    private boolean decided;
    private boolean toldError;
    private TimerWheel.@Nullable Timer slow;

    /** Begins now. */
    FirstAttempt(Evidence evidence, Worker worker, ExchangeRecord record, Backend backend, RequestRoute route) {
        this.evidence = evidence;
        this.worker = worker;
        this.record = record;
        this.backend = backend;
        this.release = route.release();
        this.routed = record.routed;
        this.user = route.userHash();
        if (release != null) {
            begin(release);
        }
    }

    private void begin(Release judged) {
        if (routed.isDrawn()) {
            backend.countJudged(worker.index());
            long limit = judged.baseline().slowNanos();
            if (limit > 0 && judged.plan().judge().signals().contains(Signal.SLOW)) {
                slow = new TimerWheel.Timer(this::onSlow);
                worker.timers().set(slow, worker.now() + limit);
            }
        } else if (routed == Routed.CANDIDATE_BY_RULE) {
            evidence.ruleRouted(worker.index());
        }
    }

    /** The head of an answer has come. */
    void answered(int status) {
        long took = worker.now() - record.attemptAt;
        TimerWheel.Timer timer = slow;
        if (timer != null && release != null) {
            worker.timers().cancel(timer);
            slow = null;
            if (took > release.baseline().slowNanos()) {
                tell(Signal.SLOW);
            }
        }
        decide(status >= 500, took);
    }

    /** It has failed, by the backend's doing; after the head of an answer as well. */
    void failed() {
        if (decided && !toldError) {
            toldError = true;
            tell(Signal.ERROR);
        }
        decide(true, -1);
    }

    /** Nothing more is to be learned from it: it is over, or its client has left. */
    void over() {
        decided = true;
        forgetTime();
    }

    private void forgetTime() {
        if (slow != null) {
            worker.timers().cancel(slow);
            slow = null;
        }
    }

    private void decide(boolean error, long headNanos) {
        if (decided) {
            return;
        }
        decided = true;
        if (routed != Routed.PREVIEW) {
            evidence.answered(worker.index(), backend.colour(), headNanos, error);
        }
        if (error) {
            // An error is one, however long it took; what comes after it is no longer the first attempt.
            forgetTime();
            toldError = true;
            tell(Signal.ERROR);
        }
    }

    private void onSlow() {
        slow = null;
        tell(Signal.SLOW);
    }

    private void tell(Signal signal) {
        if (release != null && (routed.isDrawn() || routed.isByRule())) {
            evidence.bad(new Evidence.Bad(
                    signal, backend.address().toString(), routed.isCandidate(), routed.isByRule(), user, route()));
        }
    }

    /** Method and the beginning of the path: what is behind it is mostly somebody's number. */
    private String route() {
        String path = record.path();
        int end = 0;
        for (int segments = 0; segments < 2 && end >= 0; segments++) {
            end = path.indexOf('/', end + 1);
        }
        String begin = end < 0 ? path : path.substring(0, end);
        String text = record.method() + " " + begin;
        return text.length() > ROUTE_LENGTH ? text.substring(0, ROUTE_LENGTH) : text;
    }
}
