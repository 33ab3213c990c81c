// What RV adds to module commands in Mu, beside the registry's functions. Read at the start.

module: commands {
global regex sourceMatchRE = "source";
global regex switchMatchRE = "switch";
}
