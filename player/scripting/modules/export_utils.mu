// Frames and movies written by rvio, which gets the session in a file of its own.

module: export_utils {
require io;
require system;
use rvtypes;
use commands;
use extra_commands;
use external_qprocess;

global int saveSessionCount = 1;

\: _tempFile (string; int number, string extension)
{
    let folder = system.getenv("TMPDIR", "/tmp");
    return io.path.join(folder, "temp_%d_%d.%s" % (system.getpid(), number, extension));
}

documentation: "A new name for a session or profile in the folder of temporary files.";
\: tempSessionName (string; string extension = "rv") { _tempFile(saveSessionCount++, extension); }

\: _remove (void; string name)
{
    try { system.unlink(name); }
    catch (...) { print("ERROR: Unable to remove '%s'\n" % name); }
}

documentation: "What takes a file away again; the flag debug_export keeps it.";
\: removeSession (VoidFunc; string name)
{
    \: (void;)
    {
        if (commandLineFlag("debug_export") eq nil) _remove(name);
        else print("DEBUG: '%s' is kept\n" % name);
    };
}

documentation: "Take the newest file away.";
\: removeTempSession (void;)
{
    saveSessionCount--;
    _remove(_tempFile(saveSessionCount, "rv"));
}

documentation: "The RVDisplayColor node in groups of a type, nil when there is none.";
\: getColorNode (string; string groupType)
{
    for_each (color; nodesOfType("RVDisplayColor"))
    {
        if (nodeType(nodeGroup(nodeGroup(color))) == groupType) return color;
    }

    return nil;
}

// A profile is the way of a node's settings to another node of its type.
\: _copySettings (void; string from, string to)
{
    let profile = tempSessionName("profile");
    writeProfile(profile, from);
    readProfile(profile, to, false);
    _remove(profile);
}

\: _showAsDisplayed (void;)
{
    let display = nodesOfType("RVDisplayGroup").front();

    for_each (kind; string[] {"RVDisplayPipelineGroup", "RVDisplayStereo"})
    {
        _copySettings(nodesInGroupOfType(display, kind).front(),
                      nodesInGroupOfType("defaultOutputGroup", kind).front());
    }
}

documentation: """
Set up what is written: "default" as displayed, "pass" as the output node is, or one of "",
"sRGB", "Rec709", "Gamma 2.0", "Gamma 2.2" and "Gamma 2.4".
""";
\: setExportDisplayConvert (void; string conversion)
{
    let node = getColorNode("RVOutputGroup");
    if (node eq nil || conversion == "pass") return;

    if (conversion == "default")
    {
        try { _showAsDisplayed(); }
        catch (...) { print("ERROR: Failed to copy display settings to output\n"); }
        return;
    }

    let gamma = regex("^Gamma (2\\.[024])$").smatch(conversion);
    setIntProperty(node + ".color.sRGB", int[] {if conversion == "sRGB" then 1 else 0});
    setIntProperty(node + ".color.Rec709", int[] {if conversion == "Rec709" then 1 else 0});
    setFloatProperty(node + ".color.gamma", float[] {if gamma eq nil then 1.0 else float(gamma[1])});
}

documentation: "Save the session for rvio; returns the file.";
\: makeTempSession (string; string conversion = "default")
{
    setExportDisplayConvert(conversion);
    let file = tempSessionName();
    saveSession(file, true);
    return file;
}

documentation: "Start rvio in the background. The cleanup function is called when it has ended.";
\: rvio (ExternalProcess; string name, string[] inargs, (void;) cleanup = nil)
{
    let license = system.getenv("RV_APP_USE_LICENSE_FILE", nil);
    [string] words = nil;

    for (int i = inargs.size() - 1; i >= 0; i--) words = inargs[i] : words;
    if (license neq nil) words = "-lic" : license : words;
    words = "-v" : "-err-to-out" : words;

    rvioSetup();
    return ExternalQProcess(name, system.getenv("RV_APP_RVIO"), words, 1,
                            ExternalProcess.Type.ReadOnly, cleanup);
}

documentation: "Run rvio and wait for it.";
\: rvio_blocking (void; string name, string[] args, (void;) cleanup = nil)
{
    ExternalQProcess process = rvio(name, args, cleanup);
    process.wait();
}

documentation: "The parts between marks: first frame, last frame, number.";
\: markedRegionBoundaries ([(int,int,int)];)
{
    let marks = markedFrames();
    [(int,int,int)] regions = nil;

    for (int i = marks.size() - 2; i >= 0; i--)
    {
        regions = (marks[i], marks[i + 1] - 1, i) : regions;
    }

    return regions;
}

// What all the exports are: the frames of a range text, in the background or not.
\: _export (ExternalProcess; string what, string file, string frames, bool blocking,
            string conversion)
{
    let session = makeTempSession(conversion),
        args = string[] {session, "-o", file, "-t", frames};

    if (!blocking) return rvio(what, args, removeSession(session));
    rvio_blocking(what, args, removeSession(session));
    return nil;
}

\: exportImageSequenceOverRange (ExternalProcess;
                                 int start,
                                 int end,
                                 string prefix = "",
                                 string imagetype = "tif",
                                 bool blocking = false,
                                 string conversion = "default")
{
    _export("Export Image Sequence", "%s.#.%s" % (prefix, imagetype), "%d-%d" % (start, end),
            blocking, conversion);
}

\: exportMovieOverRange (ExternalProcess;
                         int start,
                         int end,
                         string name = "out.mov",
                         bool blocking = false,
                         string conversion = "default")
{
    _export("Export Movie", name, "%d-%d" % (start, end), blocking, conversion);
}

\: exportMarkedFrames (ExternalProcess; string filepat, string conversion = "default")
{
    string[] frames;
    for_each (frame; markedFrames()) frames.push_back(string(frame));
    _export("Export Annotated Frames", filepat, string.join(frames, ","), false, conversion);
}

// The session's name without its extension is what exports of regions begin with.
\: _regionPrefix (string; string prefix)
{
    if prefix == "" then sessionFileName().substr(0, -3) else prefix;
}

\: exportMarkedRegionsAsMovies (void; string prefix = "", string movietype = "mov",
                                string conversion = "default")
{
    for_each (region; markedRegionBoundaries())
    {
        let (start, end, i) = region;
        exportMovieOverRange(start, end, "%s_cut%d.%s" % (_regionPrefix(prefix), i, movietype),
                             true, conversion);
    }
}

\: exportMarkedRegionsAsImages (void; string prefix = "", string imagetype = "tif",
                                string conversion = "default")
{
    for_each (region; markedRegionBoundaries())
    {
        let (start, end, i) = region;
        exportImageSequenceOverRange(start, end, "%s_cut%d" % (_regionPrefix(prefix), i),
                                     imagetype, true, conversion);
    }
}
}
