extension ConfigurationParser {
    /// Which of the three stages this is; production if that cannot be said, so that nothing is laxer than meant.
    mutating func stage() -> PurchaseConfiguration.Stage {
        let key: ConfigurationKey = sources.find(.appEnv) == nil && sources.find(.nodeEnv) != nil ? .nodeEnv : .appEnv
        let stage: PurchaseConfiguration.Stage =
            value(key, expected: "one of development, test, production") { .init(rawValue: $0) } ?? .production
        if let found = sources.find(.appEnv), found.text != sources.stage, found.source == ".env.\(sources.stage)" {
            complain(.appEnv, "'\(found.text)' stands in the file of another environment, \(found.source)")
        }
        return stage
    }

    /// Keys that choose between engines of which this version has one.
    mutating func engines() {
        if !boolean(.sagaDeadLetterQueue) {
            complain(.sagaDeadLetterQueue, "has to be true: what cannot be handled is parked, never dropped")
        }
    }
}
