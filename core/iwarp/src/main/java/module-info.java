module dev.offramp.iwarp {}
