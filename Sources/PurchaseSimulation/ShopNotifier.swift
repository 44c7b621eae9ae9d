import Notifications
import SagaTesting

/// A way to reach users that fails now and then.
struct ShopNotifier: Notifier {
    struct Unreachable: Error {}

    let channel = "console"
    let life: ProcessLife

    func send(_ message: NotificationMessage) async throws {
        try await life.pause("before sending a notification")
        // Few enough that no message is given up.
        guard !life.process.simulation.faults.strikes(.outside) else { throw Unreachable() }
    }
}
