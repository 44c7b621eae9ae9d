import Journeys
import SagaChoreography
import SagaTesting

/// Keeps everything, and lets the meter count it.
struct MeteredObserver: SagaObserver {
    private let meter: LiveMeter
    private let recording: RecordingObserver

    init(_ meter: LiveMeter, _ recording: RecordingObserver) {
        self.meter = meter
        self.recording = recording
    }

    func committed(_ envelopes: [Envelope]) {
        meter.committed(envelopes)
        recording.committed(envelopes)
    }

    func delivered(_ report: DeliveryReport) {
        meter.delivered(report)
        recording.delivered(report)
    }

    func paused(_ name: String, because fault: SagaFault, until resumeAt: Timestamp) {
        recording.paused(name, because: fault, until: resumeAt)
    }
}
