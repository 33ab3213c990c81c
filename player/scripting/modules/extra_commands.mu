// The extra commands that take or give objects of rvtypes.

module: extra_commands {
use commands;
use rvtypes;

\: toggleMotionScopeFromState (void; State state) { toggleMotionScope(); }

\: _print (void; string s) { print(s); }

\: activatePackageModeEntry (Mode; string modeModuleName)
{
    mode_manager.activate(modeModuleName, true);
}

\: deactivatePackageModeEntry (Mode; string modeModuleName)
{
    mode_manager.activate(modeModuleName, false);
}
}
