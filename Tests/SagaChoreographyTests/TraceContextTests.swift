import FoundationEssentials
import SagaChoreography
import SagaTesting
import Testing

@Suite struct `A trace context` {
    static let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func `reads its header and writes it again`() throws {
        let context = try #require(TraceContext(traceparent: Self.text))
        #expect(context.trace.description == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.span == 0x00f0_67aa_0ba9_02b7)
        #expect(context.isSampled)
        #expect(context.traceparent == Self.text)
    }

    @Test func `that nobody sampled stays so, and flags that it does not know are not handed on`() throws {
        let flags = [("00", "00"), ("01", "01"), ("02", "00"), ("03", "01"), ("fe", "00"), ("ff", "01")]
        for (read, written) in flags {
            let context = try #require(TraceContext(traceparent: Self.text.dropLast(2) + read))
            #expect(context.traceparent == Self.text.dropLast(2) + written)
        }
    }

    @Test func `of a later version is read as far as it is known`() {
        for later in ["cc" + Self.text.dropFirst(2), "01" + Self.text.dropFirst(2) + "-what-is-this"] {
            #expect(TraceContext(traceparent: later)?.traceparent == Self.text)
        }
    }

    @Test(arguments: [
        "", "00", "garbage", text + "-", text + "-more", text + " ", " " + text, String(text.dropLast()),
        "ff" + text.dropFirst(2), "0x" + text.dropFirst(2), "cc" + text.dropFirst(2) + "x",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0A",
        "00-4bf92f3577b34da6a3ce929d0e0e47３６-00f067aa0ba902b7-01",
        "cc" + text.dropFirst(2) + "-"
            + String(repeating: "a", count: 500),
    ])
    func `that breaks a rule is none`(_ header: String) {
        #expect(TraceContext(traceparent: header) == nil)
    }

    @Test func `that begins here is sampled and valid, whatever the id`() throws {
        for id in [UUID(), UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))] {
            let context = TraceContext.beginning(with: id)
            #expect(TraceContext(traceparent: context.traceparent) == context)
            #expect(context.isSampled)
        }
    }

    @Test func `has children of the same trace with spans of their own`() throws {
        let parent = try #require(TraceContext(traceparent: Self.text))
        for span in [0, 1, UInt64.max] {
            let child = parent.child(span)
            #expect(child.trace == parent.trace)
            #expect(child.span != parent.span && child.span != 0)
        }
    }

    @Test func `goes out as a child of the present work, or begins`() throws {
        let random = SeededRandom(seed: 1)
        let parent = try #require(TraceContext(traceparent: Self.text))
        let child = TraceContext.$current.withValue(parent) { TraceContext.outgoing(random) }
        #expect(child.trace == parent.trace && child.span != parent.span)
        let fresh = TraceContext.outgoing(random)
        #expect(fresh.trace != parent.trace)
        #expect(TraceContext(traceparent: fresh.traceparent) == fresh)
    }
}
