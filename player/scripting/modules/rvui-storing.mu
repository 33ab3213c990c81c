// What the menu "File" does. Where nobody sees a dialog, all of them are cancelled.

module: rvui {
use commands;
use rvtypes;
use extra_commands;
require io;
require system;
require export_utils;
require _programs;

\: _failed (void; string title, string what)
{
    alertPanel(true, ErrorAlert, title, what, "Ok", nil, nil);
}

// Where a dialog begins: where the last one ended, or where a package says.
\: _startFolder (string; string last, (string;) fallback)
{
    if last neq nil then last else if fallback neq nil then fallback() else nil;
}

\: _mediaFolder (string;)
{
    State s = data();
    _startFolder(s.config.lastOpenDir, s.defaultOpenDir);
}

// Ask for a file and use it. What goes wrong while it is used is told, a cancelled dialog too.
\: _withFile (void; (string;) ask, string what, (void;string) use_)
{
    string file = nil;

    try { file = ask(); }
    catch (...) {;}

    if (file eq nil)
    {
        displayFeedback("Cancelled");
    }
    else
    {
        try { use_(file); }
        catch (exception reason) { _failed("ERROR: " + what, string(reason)); }
        catch (...) { _failed("ERROR: " + what, io.path.basename(file)); }
    }

    redraw();
}

\: _asksForOne ((string;); [(string, string)] kinds, string folder)
{
    \: (string;) { openFileDialog(false, false, false, kinds, folder).front(); };
}

\: _asksForMedia ((string;); string title)
{
    \: (string;)
    {
        let files = openMediaFileDialog(false, OneExistingFile, "*", _mediaFolder(), title);
        contractSequences(files).front();
    };
}

\: _asksToSave ((string;); string filter = nil) { \: (string;) { saveFileDialog(false, filter); }; }

\: _withExtension (string; string file, string extension)
{
    if io.path.extension(file) == extension then file else file + "." + extension;
}

// -- media ------------------------------------------------------------------------------------

documentation: "Ask for media; sequences are contracted, and nothing is chosen when cancelled.";
\: getMediaFilesFromBrowser (string[];)
{
    State s = data();

    try
    {
        let files = contractSequences(openMediaFileDialog(false, ManyExistingFiles, "*",
                                                          _mediaFolder(),
                                                          "Add Image/Movie/Sequence(s)"));
        s.config.lastOpenDir = io.path.dirname(files.front());
        return files;
    }
    catch (...)
    {
        displayFeedback("Cancelled");
    }

    return string[]();
}

\: _opening (void; string[] files, (void;string[]) act)
{
    if (files.empty()) return;
    try { act(files); }
    catch (object reason) { displayFeedback("ERROR: open failed: %s" % string(reason)); }
    redraw();
}

\: addMovieOrImageSources (void; Event ev, bool mark, bool merge)
{
    _opening(getMediaFilesFromBrowser(), \: (void; string[] files)
    {
        addSources(files, "explicit", false, merge);
    });
}

documentation: "Give each file to a function; with mark, go to the first frame of each.";
\: addMovieOrImage (void; Event ev, (void;string) addFunc, bool mark)
{
    _opening(getMediaFilesFromBrowser(), \: (void; string[] files)
    {
        for_each (file; files)
        {
            let first = if sources().empty() then -1 else frameEnd() + 1;
            addFunc(file);
            if (mark) setFrame(if first < 0 then frameStart() else first);
        }
    });
}

\: openMovieOrImage (void; Event ev)
{
    let files = getMediaFilesFromBrowser();
    if (!files.empty()) newSession(files);
    redraw();
}

// The file source under the picture that is shown first.
\: _shownSource (string;)
{
    nodesInGroupOfType(nodeGroup(sourcesRendered().front().node), "RVFileSource").front();
}

\: relocateMovieOrImage (void; Event ev)
{
    _withFile(_asksForMedia("Relocate Image/Movie/Sequence"), "While relocating",
              \: (void; string file)
    {
        let media = getStringProperty(_shownSource() + ".media.movie");

        if (media.size() > 1)
        {
            _failed("ERROR:", "Relocate only available for sources with one clip");
        }
        else
        {
            print("INFO: relocating %s -> %s\n" % (media.front(), file));
            relocateSource(media.front(), file);
        }
    });
}

documentation: "Other media in the same place; a name that came from the old ones follows.";
\: replaceSourceMedia (void; Event event)
{
    _withFile(_asksForMedia("Replace Image/Movie/Sequence"), "While replacing",
              \: (void; string file)
    {
        let source = _shownSource(),
            group = nodeGroup(source),
            named = convertPathToUIName(getStringProperty(source + ".media.movie").front());
        if (uiName(group) == named) setUIName(group, convertPathToUIName(file));
        setSourceMedia(source, string[] {file});
    });
}

// -- tables of colours and edits --------------------------------------------------------------

\: _tableRead (void; string node, string what, string file)
{
    if (what == "CDL") readCDL(file, node, true);
    else readLUT(file, node, true);
    displayFeedback("%s %s" % (io.path.basename(file), what));
    State s = data();
    s.config.lastLUTDir = io.path.dirname(file);
}

\: _openTable (void; Event ev, string node, string what, [(string, string)] kinds)
{
    State s = data();
    let folder = _startFolder(s.config.lastLUTDir, s.defaultLUTDir);
    _withFile(_asksForOne(kinds, folder), "Cannot read " + what, _tableRead(node, what,));
}

\: openCDLFile ((void;Event); string nodeName)
{
    _openTable(, nodeName, "CDL",
               [("cdl", "Color Decision List (cdl)"), ("cc", "Color Correction (cc)"),
                ("ccc", "Color Correction Collection (ccc)")]);
}

\: openLUTFile ((void;Event); string nodeName)
{
    _openTable(, nodeName, "LUT",
               [("csp", "Cinespace 3D LUT (csp)"), ("3dl", "Autodesk Lustre 3DL (3dl)"),
                ("cube", "IRIDAS Cube LUT (cube)"), ("rvlut", "RV Channel LUT (rvlut)"),
                ("rv3dlut", "RV 3D LUT (rv3dlut)"), ("vf", "Nuke 3D LUT (vf)"),
                ("txt", "Shake LUT (txt)"), ("a3d", "Panavision LUT (a3d)"),
                ("mga", "Apple Color LUT (mga)")]);
}

\: openOTIOFile ((void;Event);)
{
    \: (void; Event ev)
    {
        _withFile(_asksForOne([("otio", "OpenTimelineIO File (otio)")], _mediaFolder()),
                  "Cannot read OTIO", \: (void; string file)
        {
            addSourceVerbose(string[] {file});
            State s = data();
            s.config.lastOpenDir = io.path.dirname(file);
        });
    };
}

// One line of RV's simple EDL: a file in quotes, its first and its last frame. Nil: a comment.
\: _edlLine ((string,int,int); string line)
{
    if (regex("^#.*$").match(line)) return nil;
    let found = regex("^[ \t]*\"(.+)\"[ \t]+(-?[0-9]+)[ \t]+(-?[0-9]+)").smatch(line);
    if (found eq nil) throw exception("edl line '%s' has incorrect format" % line);
    return (found[1], int(found[2]), int(found[3]));
}

documentation: """
Make a sequence of an EDL: each line has a file in quotes, its first and its last frame. Lines
with another content are told, and left out.
""";
\: parseSimpleEDL (void; string filename)
{
    let stream = io.ifstream(filename),
        lines = io.read_all(stream).split("\n\r");
    string[] groups;
    int[] number, first, last, start;
    stream.close();

    for_each (line; lines)
    {
        try
        {
            let cut = _edlLine(line);
            if (cut eq nil) continue;
            let (media, a, b) = cut;
            groups.push_back(nodeGroup(addSourceVerbose(string[] {media})));
            number.push_back(number.size());
            first.push_back(a);
            last.push_back(b);
            if (start.empty()) start.push_back(a);
            start.push_back(b - a + 1 + start.back());
            print("INFO: %s [%d, %d]\n" % (io.path.basename(media), a, b));
        }
        catch (exception reason)
        {
            let stop = alertPanel(true, ErrorAlert, "ERROR: ",
                                  "Problem in EDL %s: %s"
                                      % (io.path.basename(filename), string(reason)),
                                  "Continue", "Stop reading EDL", nil);
            if (stop == 1) break;
        }
    }

    // the end of the list: a cut of nothing
    for_each (column; int[][] {number, first, last}) column.push_back(0);

    let group = newNode("RVSequenceGroup", "SequenceGroup000000"),
        edl = group + "_sequence.edl.";
    setUIName(group, io.path.basename(filename));
    setIntProperty(edl + "source", number, true);
    setIntProperty(edl + "in", first, true);
    setIntProperty(edl + "out", last, true);
    setIntProperty(edl + "frame", start, true);
    forceInt(group + "_sequence.mode.autoEDL", 0);
    setNodeInputs(group, groups);
    setViewNode(group);
    resetInOutPoints();
    redraw();
}

\: openSimpleEDL (void;)
{
    _withFile(_asksForOne([("*", "RV Simple EDL (any)")], nil), "Reading EDL file", parseSimpleEDL);
}

// -- sessions ---------------------------------------------------------------------------------

\: saveAs (void; Event ev)
{
    _withFile(_asksToSave("rv|RV Session File"), "While saving", \: (void; string file)
    {
        saveSession(_withExtension(file, "rv"));
    });
}

\: _startRV (void; string[] words)
{
    let ignore = \: (void; string line) {;};
    _programs.start(system.getenv("RV_APP_RV"), words, ignore, \: (void; int code) {;});
}

documentation: "Another RV with a copy of this session.";
\: cloneRV (void; Event ev)
{
    let copy = tmpSessionCopyName();
    saveSession(copy, true, true);
    _startRV(string[] {copy});
}

documentation: "Another RV that follows this one.";
\: cloneSyncedRV (void; Event ev)
{
    remoteNetwork(true);
    let port = myNetworkPort();
    _startRV(string[] {"-network", "-networkPort", string(port + 1), "-networkConnect", "127.0.0.1",
                       string(port), "-flags", "syncPullFirstfalse"});
}

// -- export -----------------------------------------------------------------------------------

// Run an export for a file that is asked for, unless one goes on.
\: _exporting (void; string ext, string what, (ExternalProcess;string) run)
{
    State s = data();

    if (s.externalProcess neq nil && !s.externalProcess.isFinished())
    {
        alertPanel(true, WarningAlert, "WARNING", "Another process is still running", "OK", nil, nil);
        return;
    }

    _withFile(_asksToSave(), "Unable to call RVIO for " + what, \: (void; string file)
    {
        let named = io.path.extension(file) != "";
        if (!named && ext == "*") throw exception("A file extension is required for %s" % what);
        State now = data();
        now.externalProcess = run(if named || ext eq nil then file else file + "." + ext);
        toggleProcessInfo();
    });
}

\: exportAs (void; Event ev, string requiredExt, string outputType)
{
    _exporting(requiredExt, outputType, \: (ExternalProcess; string file)
    {
        export_utils.exportMovieOverRange(inPoint(), outPoint(), file, false, "default");
    });
}

\: exportMarked (void; Event event)
{
    _exporting("*", "Marked Frames", \: (ExternalProcess; string file)
    {
        export_utils.exportMarkedFrames(file, "default");
    });
}

documentation: "Export the frames with annotations; the marks are as before afterwards.";
\: exportAnnotatedFrames (void; Event event)
{
    let before = markedFrames();
    clearAllMarks();
    markAnnotatedFrames();

    if (markedFrames().empty()) _failed("No frames are annotated", "");
    else exportMarked(event);

    clearAllMarks();
    for_each (marked; before) markFrame(marked, true);
}

documentation: "Ask for a file, and let a function write it.";
\: exportFrame (void; Event ev, (void;string) outputFunc)
{
    _withFile(_asksToSave(), "While exporting", outputFunc);
}

\: exportAttrs (void; Event ev)
{
    _withFile(_asksToSave(), "While exporting attributes", \: (void; string file)
    {
        let out = io.ofstream(file);
        for_each (attribute; getCurrentAttributes()) io.print(out, "%s %s\n" % attribute);
        out.close();
    });
}

\: exportNodeDefinition (void; bool all, Event ev)
{
    _withFile(_asksToSave(), "While exporting", \: (void; string file)
    {
        let gto = _withExtension(file, "gto");
        if (all) writeAllNodeDefinitions(gto);
        else writeNodeDefinition(nodeType(viewNode()), gto);
        displayFeedback("Export complete");
    });
}

\: exportOtio (void; Event event)
{
    _withFile(_asksToSave("otio|OpenTimelineIO File"), "While exporting OTIO", \: (void; string file)
    {
        sendInternalEvent("otio-export", _withExtension(file, "otio"), "rvui");
    });
}
}
