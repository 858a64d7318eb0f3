package dev.turnout.app.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.turnout.app.wire.WireCase.Ending;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** Confined to one thread. One case played once, as its client. */
final class WireRun implements AutoCloseable {

    /** How the bytes are written. */
    enum Split {
        /** As the case has them. */
        NONE,
        /** Each byte of the client in a write of its own. */
        CLIENT,
        /** Each byte of the backend in a write of its own. */
        BACKEND
    }

    private static final long SETTLE_MILLIS = 300;

    private final WireCase played;
    private final Lane lane;
    private final boolean bytewise;
    private final Socket socket;
    private final StringBuilder received = new StringBuilder();
    private final List<String> methods = new ArrayList<>();
    private boolean finished;
    private boolean reset;
    private boolean probed;
    /** What was received before the probe; all, if there was none. */
    private int receivedAtProbe = -1;

    private WireRun(WireCase played, Lane lane, boolean bytewise) throws IOException {
        this.played = played;
        this.lane = lane;
        this.bytewise = bytewise;
        this.socket = new Socket(InetAddress.getLoopbackAddress(), lane.port());
        socket.setTcpNoDelay(true);
        StrictRequests.All framed = StrictRequests.all(played.sent());
        framed.whole().forEach(request -> methods.add(request.method()));
        StrictRequests.Found rest = framed.rest();
        if (rest != null && rest.request() != null) {
            methods.add(rest.request().method());
        }
    }

    /** Plays a case and says what came of it. */
    static Observed play(WireCase played, Lane lane, Split split) throws IOException, InterruptedException {
        lane.backend().play(played.backend(), split == Split.BACKEND);
        try (WireRun run = new WireRun(played, lane, split == Split.CLIENT)) {
            run.act();
            StrictAnswers.All answers =
                    run.read(played.expected().finals(), played.expected().ending() == Ending.TUNNEL);
            if (played.expected().ending() != Ending.OPEN && played.expected().ending() != Ending.TUNNEL) {
                answers = run.read(Integer.MAX_VALUE, false);
            }
            Ending ending = run.ending(answers);
            run.socket.close();
            return run.observed(ending, lane.backend().finish());
        }
    }

    private void act() throws InterruptedException {
        for (WireCase.Step step : played.client()) {
            if (step instanceof WireCase.Send send) {
                write(send.bytes());
            } else if (step instanceof WireCase.Await await) {
                read(await.answers(), false);
            } else if (step instanceof WireCase.Settle) {
                lane.backend().awaitGone(SETTLE_MILLIS);
            } else if (step instanceof WireCase.Fin) {
                try {
                    socket.shutdownOutput();
                } catch (IOException e) {
                    reset = true;
                }
            }
        }
    }

    private void write(String bytes) {
        byte[] all = bytes.getBytes(ISO_8859_1);
        int step = !bytewise ? all.length : all.length > 3000 ? 61 : 1;
        try {
            OutputStream out = socket.getOutputStream();
            for (int i = 0; i < all.length; i += step) {
                out.write(all, i, Math.min(step, all.length - i));
            }
        } catch (IOException e) {
            // Refused before its end; the answer may be there all the same.
        }
    }

    /** Reads until so many final answers (and what is expected of the tunnel) are there, or the connection has ended, or nothing comes any more. */
    private StrictAnswers.All read(int finals, boolean tunnelToo) {
        byte[] buffer = new byte[64 << 10];
        StrictAnswers.All answers = answers();
        boolean patient = true;
        while (patient && !finished && !reset && !isEnough(answers, finals, tunnelToo)) {
            try {
                socket.setSoTimeout(lane.patienceMillis());
                int n = socket.getInputStream().read(buffer);
                if (n < 0) {
                    finished = true;
                } else {
                    received.append(new String(buffer, 0, n, ISO_8859_1));
                }
            } catch (SocketTimeoutException e) {
                patient = false;
            } catch (IOException e) {
                reset = true;
            }
            answers = answers();
        }
        return answers;
    }

    private boolean isEnough(StrictAnswers.All answers, int finals, boolean tunnelToo) {
        if (probed) {
            return answers.answers().stream().anyMatch(WireRun::isToProbe);
        }
        return answers.finals() >= finals
                && (!tunnelToo || played.expected().got().stream().allMatch(got -> received.indexOf(got) >= 0));
    }

    private Ending ending(StrictAnswers.All answers) {
        List<Integer> statuses = statuses(answers);
        if (!statuses.isEmpty() && statuses.get(statuses.size() - 1) == 101) {
            return Ending.TUNNEL;
        }
        if (finished || reset) {
            return answers.endsCut() ? Ending.CUT : Ending.CLOSED;
        }
        methods.subList(Math.min(methods.size(), answers.finals()), methods.size())
                .clear();
        probed = true;
        receivedAtProbe = received.length();
        write(Observed.PROBE);
        StrictAnswers.All after = read(Integer.MAX_VALUE, false);
        if (after.answers().stream().anyMatch(WireRun::isToProbe)) {
            return Ending.OPEN;
        }
        return finished || reset ? (after.endsCut() ? Ending.CUT : Ending.CLOSED) : Ending.SILENT;
    }

    private Observed observed(Ending ending, List<String> backend) {
        String before = receivedAtProbe < 0 ? received.toString() : received.substring(0, receivedAtProbe);
        return new Observed(statuses(answers()), ending, before, backend);
    }

    private StrictAnswers.All answers() {
        return StrictAnswers.all(received.toString(), finished, methods);
    }

    private static List<Integer> statuses(StrictAnswers.All answers) {
        return answers.answers().stream()
                .filter(answer -> !isToProbe(answer))
                .map(StrictAnswers.Answer::status)
                .toList();
    }

    private static boolean isToProbe(StrictAnswers.Answer answer) {
        return StrictAnswers.value(answer.fields(), "x-probe").equals("yes");
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
