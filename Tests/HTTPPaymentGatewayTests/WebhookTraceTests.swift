import SagaChoreography
import Testing

@testable import ReferenceGateway

@Suite struct `The trace of the reference gateway's webhooks` {
    @Test func `is that of the request that it follows from, with a span of its own`() throws {
        let request = try #require(TraceContext(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        let told = try #require(WebhookSender.continuing(request.traceparent).flatMap { TraceContext(traceparent: $0) })
        #expect(told.trace == request.trace && told.span != request.span && told.isSampled)
    }

    @Test(arguments: ["", "garbage", "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"])
    func `is none if the request had none`(header: String) {
        #expect(WebhookSender.continuing(header) == nil)
    }
}
