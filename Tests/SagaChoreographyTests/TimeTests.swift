import FoundationEssentials
import SagaChoreography
import SagaTesting
import Testing

@Suite struct TimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_767_225_599_999, "2025-12-31T23:59:59.999Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func `a timestamp is written and read as ISO 8601`(_ milliseconds: Int64, _ text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test func `a year of more than four digits is written whole`() {
        #expect(Timestamp(milliseconds: 253_402_300_800_000).description == "10000-01-01T00:00:00.000Z")
        #expect(Timestamp(milliseconds: 253_402_300_799_999).description == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp(milliseconds: -62_135_596_800_000).description == "0001-01-01T00:00:00.000Z")
    }

    @Test(arguments: [
        "", "2026-01-01", "2026-02-30T00:00:00.000Z", "2026-01-01T24:00:00.000Z", "2026-01-01T00:00:00Z",
        "2026-13-01T00:00:00.000Z", "2026-01-01T00:00:00.000+", "x026-01-01T00:00:00.000Z",
    ])
    func `what is no time is not read as one`(_ text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test func `ids grow with time, within a millisecond, and when the clock goes back`() {
        let clock = ManualClock()
        let ids = UUIDv7Generator(clock: clock, random: SeededRandom(seed: 1))
        var texts: [String] = []
        for step in 0..<10_000 {
            if step % 1000 == 0 { clock.advance(by: .milliseconds(1)) }
            texts.append(ids.next().uuidString)
        }
        let late = UUIDv7Generator(clock: ManualClock(Timestamp(milliseconds: 5)), random: SeededRandom(seed: 2))
        #expect(texts == texts.sorted())
        #expect(Set(texts).count == texts.count)
        #expect(texts.allSatisfy { Array($0)[14] == "7" && "89AB".contains(Array($0)[19]) })
        #expect(late.next().uuidString.hasPrefix("00000000-0005-7"))
    }

    @Test func `several ids at once are the ones that would come one by one`() {
        let clock = ManualClock()
        let one = UUIDv7Generator(clock: clock, random: SeededRandom(seed: 3))
        let several = UUIDv7Generator(clock: clock, random: SeededRandom(seed: 3))
        #expect(several.next(0).isEmpty)
        #expect(several.next(5000) + [several.next()] == (0...5000).map { _ in one.next() })
    }
}
