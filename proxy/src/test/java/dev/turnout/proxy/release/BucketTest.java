package dev.turnout.proxy.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The split of users: its share, that it stays, and that each release has other first users. */
final class BucketTest {

    private static final int USERS = 200_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 1000, 5000, 9999})
    void shareIsWithinFiveStandardDeviations(int weight) {
        double share = weight / 10_000.0;
        int hit = 0;

        for (int user = 0; user < USERS; user++) {
            hit += Bucket.of(Bucket.hash("r-1", "user" + user)) < weight ? 1 : 0;
        }

        assertThat((double) hit).isCloseTo(USERS * share, offsetOf(share));
    }

    private static Offset<Double> offsetOf(double share) {
        return Offset.offset(5 * Math.sqrt(USERS * share * (1 - share)));
    }

    @Test
    void bucketsAreEvenByChiSquare() {
        int[] counts = new int[100];
        for (int user = 0; user < USERS; user++) {
            counts[Bucket.of(Bucket.hash("2.4.1", Integer.toHexString(user * 7))) / 100]++;
        }

        double chi = 0;
        for (int count : counts) {
            double expected = USERS / 100.0;
            chi += (count - expected) * (count - expected) / expected;
        }

        // 99 degrees of freedom: beyond 181 with a probability of one in a million.
        assertThat(chi).isLessThan(181);
    }

    @Test
    void bucketOfAUserIsTheSameForEverAndNeverOutside() {
        // Fixed by the definition in Bucket: an instance of another version must find the same.
        assertThat(Bucket.of(Bucket.hash("r-1", "anna"))).isEqualTo(906);
        assertThat(Bucket.hash("r-1", "anna")).isEqualTo(-5_069_602_670_657_840_710L);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 10_000; i++) {
            assertThat(Bucket.of(random.nextLong())).isBetween(0, 9999);
        }
    }

    @Test
    void anotherReleaseHasOtherFirstUsers() {
        int both = 0;
        for (int user = 0; user < USERS; user++) {
            boolean first = Bucket.of(Bucket.hash("r-1", "user" + user)) < 1000;
            boolean second = Bucket.of(Bucket.hash("r-2", "user" + user)) < 1000;
            both += first && second ? 1 : 0;
        }

        // 10 % of 10 % by chance.
        assertThat((double) both).isCloseTo(USERS * 0.01, offsetOf(0.01));
    }

    @Test
    void saltAndKeyDoNotRunIntoEachOther() {
        assertThat(Bucket.hash("ab", "c")).isNotEqualTo(Bucket.hash("a", "bc"));
    }
}
