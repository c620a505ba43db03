module dev.offramp.linux {}
