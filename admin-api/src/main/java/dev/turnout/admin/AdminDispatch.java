package dev.turnout.admin;

import dev.turnout.proxy.control.Actor;
import dev.turnout.proxy.control.ChangeRefused;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Confined to one event loop. The way of a request: guard, route, caller, key, handler. Whatever fails is a reply too. */
final class AdminDispatch {

    private static final Logger LOG = LoggerFactory.getLogger(AdminDispatch.class);

    private final CrossSiteGuard guard;
    private final AdminRouter router;
    private final AdminAuth auth;
    private final IdempotencyKeys keys;

    AdminDispatch(CrossSiteGuard guard, AdminRouter router, AdminAuth auth, IdempotencyKeys keys) {
        this.guard = guard;
        this.router = router;
        this.auth = auth;
        this.keys = keys;
    }

    /** Answers; the future never fails. */
    CompletableFuture<Reply> answer(AdminRequest request) {
        try {
            guard.check(request);
            AdminRouter.Match match = router.find(request.method(), request.path());
            AdminAuth.Caller caller = auth.require(match.route().role(), request.headers());
            Actor actor = new Actor(caller.name(), request.remoteAddress());
            Call call = new Call(request, actor, match.variables());
            return keys.once(call, match.route().handler()).exceptionally(AdminDispatch::replyTo);
        } catch (Problem | RuntimeException e) {
            return CompletableFuture.completedFuture(replyTo(e));
        }
    }

    private static Reply replyTo(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof Problem problem) {
            return problem.toReply();
        }
        if (cause instanceof ChangeRefused refused) {
            return Problem.of(refused).toReply();
        }
        LOG.error("an admin request failed", cause);
        return new Problem(ProblemType.INTERNAL_ERROR, "the log says more").toReply();
    }
}
