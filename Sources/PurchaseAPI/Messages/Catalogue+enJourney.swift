extension Catalogue {
    /// What an order's journey comes to, and what to do.
    static let journeyEnglish: [String: Wording] = [
        "journey.settled": .init(
            "It is over", "It is over ({status}), and every service has settled it: it waits for nothing."),
        "journey.on-time": .init(
            "It goes on", "It waits for {event} from {owner}, for {age}; that counts as late from {due} on."),
        "journey.retrying": .init(
            "A message is tried again",
            "{consumer} failed on {message} {attempts} times ({reason}) and tries again at {retryAt}."),
        "journey.gateway-unknown": .init(
            "The gateway's answer is open",
            "payments waits for the gateway's answer, for {age}; it was asked {attempts} times."),
        "journey.other-gateway": .init(
            "Another gateway has the money",
            "{event} from {owner} is missing, for {age}: another gateway ({gateway}) than the one in use took the money, and only that one can give it back."
        ),
        "journey.consumer-down": .init(
            "A service does not run", "{event} from {owner} is missing, for {age}: nobody runs {owner}."),
        "journey.consumer-paused": .init(
            "A service pauses",
            "{event} from {owner} is missing, for {age}: {activity} waits for something that is away ({reason})."),
        "journey.consumer-behind": .init(
            "A service is behind",
            "{event} from {owner} is missing, for {age}: {waiting} events wait for {owner}."),
        "journey.parked": .init(
            "A message was given up", "{consumer} gave up on {message} after {attempts} attempts: {reason}."),
        "journey.outbox-stalled": .init(
            "An event did not arrive",
            "{event} from {owner} is missing, for {age}, though {owner} runs and nothing waits for it: {trigger} did not reach it."
        ),
        "journey.undo-incomplete": .init(
            "It is not undone yet", "It is to be undone, and not everything is acknowledged, for {age}: {missing}."),
        "journey.alarm": .init(
            "Something happened that must not",
            "{consumer} received {message} in a state in which that must never happen: {reason}."),
        "journey.advice.on-time": .init(
            "Nothing to do", "Nothing to do: at its deadline, {deadline}, the order is undone by itself."),
        "journey.advice.retrying": .init(
            "Wait", "Nothing to do before that: the message is given up only if trying again does not help."),
        "journey.advice.gateway-unknown": .init(
            "Never mark it as failed",
            "Nothing to do: the gateway is asked again until the answer is certain; an order is not failed on a guess."),
        "journey.advice.other-gateway": .init(
            "Bring back that gateway",
            "Run {owner} with PAYMENT_GATEWAY={gateway} until the refund is over. The goods are set aside until then; it cannot be called off."
        ),
        "journey.advice.consumer-down": .init(
            "Start the service",
            "Start {owner}: purchase serve, or purchase serve --services {owner} where services run apart. Nothing is lost, and the order goes on by itself."
        ),
        "journey.advice.consumer-paused": .init(
            "Bring back what is away", "Bring back what is away; {owner} then goes on by itself."),
        "journey.advice.consumer-behind": .init(
            "Look at the service", "Look at the load and the log of {owner}. The order goes on when its turn comes."),
        "journey.advice.parked": .init(
            "Remove the cause",
            "Remove the cause named above. The order is undone by itself at its deadline, {deadline}."),
        "journey.advice.parked-for-good": .init(
            "Remove the cause, then deliver again",
            "This is not undone by itself: remove the cause named above, then deliver the message again: purchase dead-letters replay, or the dead letters of the order over HTTP."
        ),
        "journey.advice.outbox-stalled": .init(
            "Send the events again",
            "Send the order's events again (resync). That is safe: what was handled already is recognised."),
        "journey.advice.undo-incomplete": .init(
            "Send the events again",
            "Send the order's events again (resync). That is safe: what was undone already is only acknowledged again."),
        "journey.advice.alarm": .init(
            "Keep the evidence",
            "Change nothing by hand: keep the audit trail and the gateway's book as evidence, and follow docs/operation.md."
        ),
    ]
}
