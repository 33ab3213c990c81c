"""What a contact may do, and which scope each command and event needs.

Six scopes, from harmless to everything:

    view      questions: frames, media names, properties, the picture's colours
    control   playback, view, marks, properties, sync
    pixels    image sources and their tiles
    media     adding, replacing and clearing media, session data, LUT and CDL files
    eval      Mu programs of any shape: functions, bindings, loops
    python    Python, and everything that touches the machine: running programs, writing
              files, the environment, the network settings, ending the player

A program of the same user on the same machine has all of them, as in RV.  Everything is an
allow-list: a command that no list names needs `python`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = [
    "ALL",
    "DEFAULT_SCOPES",
    "EVALUATORS",
    "NAMES",
    "command_scope",
    "event_scope",
    "parse_scopes",
]

NAMES: Final = ("view", "control", "pixels", "media", "eval", "python")
ALL: Final = frozenset(NAMES)
DEFAULT_SCOPES: Final = frozenset({"view", "control", "pixels", "media"})
"""What an allowed contact of another machine gets unless it was granted something else."""

EVALUATORS: Final = frozenset(
    {"remote-eval", "remote-sync-eval", "remote-pyeval", "remote-pyexec"}
)  # fmt: skip

_COMMANDS: Final[dict[str, str]] = {
    "view": """
        cacheMode cacheInfo isCaching cacheSize cacheOutsideRegion audioCacheMode audioCacheInfo
        cacheUsage bindings bindingDocumentation activeEventTables isModeActive activeModes
        isEventCategoryEnabled progressiveSourceLoading sources sourceMedia sourceMediaInfo
        sourceMediaInfoList sourceNameWithoutFrame sourcesAtFrame sourceAttributes
        sourceDataAttributes sourceDisplayChannelNames getCurrentNodesOfType
        getCurrentAttributes getCurrentImageChannelNames getCurrentImageSize contentAspect
        sourceMediaRep sourceMediaReps sourceMediaRepsAndNodes sourceMediaRepSwitchNode
        sourceMediaRepSourceNode loadTotal loadCount commandLineFlag isCurrentFrameError
        isCurrentFrameIncomplete currentFrameStatus getVersion getReleaseVariant
        getApplicationType shortAppName isDebug theTime elapsedTime isTimerRunning readSetting
        ioFormats ioParameters optionsNoPackages optionsProgressiveLoading licensingState
        remoteNetworkStatus remoteConnections remoteApplications remoteContacts
        remoteLocalContactName remoteDefaultPermission remoteConnectionIsIncoming myNetworkPort
        myNetworkHost viewNode viewNodes previousViewNode nextViewNode nodes nodesOfType
        nodeTypes nodeType nodeExists testNodeInputs nodeConnections nodeGroup nodeGroupRoot
        nodesInGroup nodeRangeInfo nodeImageGeometry metaEvaluate metaEvaluateClosestByType
        closestNodesOfType sourcePixelValue framebufferPixelValue getCurrentPixelValue
        imagesAtPixel sourceAtPixel inputAtPixel eventToImageSpace imageToEventSpace
        eventToCameraSpace ndcToEventSpace renderedImages sourcesRendered imageGeometry
        imageGeometryByIndex imageGeometryByTag sourceGeometry isPlaying isBuffering frame inc
        playMode isRealtime fps realFPS skipped mbps optionsPlay getFloatProperty
        getIntProperty getStringProperty getHalfProperty getByteProperty properties
        propertyInfo propertyExists frameStart frameEnd narrowedFrameStart narrowedFrameEnd
        inPoint outPoint isMarked markedFrames mapPropertyToGlobalFrames sessionName
        sessionNames sessionFileName getSessionType undoHistory redoHistory viewSize margins
        bgMethod getFiltering getRendererType stereoSupported videoState videoDeviceIDString
        devicePixelRatio queryDriverAttribute isFullScreen presentationMode isMenuBarVisible
        isTopViewToolbarVisible isBottomViewToolbarVisible isConsoleVisible associatedNodes
        associatedNode nodesInEvalPath topLevelGroup nodesInGroupOfType uiName isViewNode
        inputNodeUserNameAtFrame minorModeIsLoaded associatedVideoDevice nodesUnderPointer
        isPlayable isPlayingForwards isPlayingBackwards existsInProp isNarrowed numFrames
        sequenceBoundaries findAnnotatedFrames currentImageAspect sourceImageStructure
        sourceMetaInfoAtFrame sourceFrame isSessionEmpty scale translation
        markedBoundariesAroundFrame nextMarkedFrame previousMarkedFrame pixelRelativeScale
        frameWidth acceptingMediaChanges undoPathSwapVars redoPathSwapVars disabledItem
        enabledItem reverse getParamValue paramPrompt computePixelRelativeScale""",
    "control": """
        setCacheMode setCacheOutsideRegion setAudioCacheMode flushImageFBOs clearAllButFrame
        releaseAllCachedImages releaseAllUnusedImages enableEventCategory disableEventCategory
        setFilterLiveReviewEvents startTimer stopTimer setViewNode newNode deleteNode
        setNodeInputs flushCachedNode nextUIName play stop setFrame setInc setPlayMode
        setRealtime setFPS resetMbps scrubAudio optionsPlayReset setFloatProperty
        insertFloatProperty setIntProperty insertIntProperty setStringProperty
        insertStringProperty setHalfProperty insertHalfProperty setByteProperty
        insertByteProperty newProperty newNDProperty deleteProperty setFrameStart setFrameEnd
        narrowToRange setInPoint setOutPoint markFrame setSessionName setSessionType undo redo
        clearHistory beginCompoundCommand endCompoundCommand redraw setViewSize setMargins
        setBGMethod setFiltering setHardwareStereoMode refreshOutputVideoDevice fullScreenMode
        setPresentationMode setPresentationDevice setWindowTitle center resizeFit setCursor
        toggleMenuBar showTopViewToolbar showBottomViewToolbar startupResize mainWindowWidget
        setUIName cycleNodeInputs popInputToTop togglePlayVerbose togglePlay
        togglePlayIfNoScrub toggleForwardsBackwards toggleRealtime stepForward stepBackward
        stepForward1 stepBackward1 stepForward10 stepBackward10 stepForward100 stepBackward100
        cprop set appendToProp removeFromProp setScale setTranslation frameImage
        centerResizeFit toggleFilter displayFeedback displayFeedbackQueue displayFeedback2
        displayFeedbackWithSizes displayFeedbackQueue2 displayFeedbackQueueWithSizes
        toggleFullScreen setActiveState setInactiveState toggleMotionScope toggleSync
        activateSync setStereo toggleWipe showChannel beginning ending incN togglePlayFunc
        togglePingPong nextMatchedFrame previousMatchedFrame prevView nextView
        cycleStackForward cycleStackBackward toggleFlip toggleFlop toggleSwapEyes
        toggleDisplayLUT toggleLuminanceLUT toggleInvert togglePremult resetAllColorParameters
        rotateImage resetStereoOffsets setMatte setMatteOpacity cycleMatte cycleMatteOpacity
        toggleColorInspector toggleInfo toggleInfoStrip toggleProcessInfo toggleSourceDetails
        toggleTimeline togglePresentationMode toggleMark clearAllMarks markSequence
        setInOutMarkedRange nextMarkedRange previousMarkedRange expandMarkedRange
        contractMarkedRange resetInOutPoints remoteStartUp startUp stopFunc togglePlayOnce
        gotoFrame setFPSFunc resetRange narrowToInOut markAnnotatedFrames clearMarksInRange
        setDispConvert setLinConvert toggleUnpremult alphaTypeFunc channelOrder toggleFileLUT
        toggleLookLUT toggleCacheLUT setCompositeMode setCompModeAndView resetAudioOffsets
        pixelAspectFunc setBGPattern cacheModeFunc toggleCacheModeFunc toggleTopViewToolbar
        toggleBottomViewToolbar checkAndBlockEventCategory""",
    "pixels": "newImageSource newImageSourcePixels insertCreatePixelBlock",
    "media": """
        addSource addSourceVerbose addSources addSourcesVerbose addSourceBegin addSourceEnd
        startPreloadingMedia waitForProgressiveLoading setProgressiveSourceLoading addToSource
        setSourceMedia relocateSource addSourceMediaRep setActiveSourceMediaRep reload
        loadChangedFrames fileKind existingFilesInSequence existingFramesInSequence
        contractSequences sequenceOfFile readLUT readCDL updateLUT ocioUpdateConfig newSession
        clearSession readProfile reloadInOut loadCurrentSourcesChangedFrames clearEverything
        setSessionFileName""",
    "eval": """
        bind bindRegex unbind unbindRegex pushEventTable popEventTable activateMode
        deactivateMode defineMinorMode defineModeMenu setEventTableBBox writeSetting
        toggleMotionScopeFromState recordPixelInfo updatePixelInfo activatePackageModeEntry
        deactivatePackageModeEntry popupMenu popupMenuAtPoint mainViewWidget prefTabWidget
        setUIBlocked remoteSendEvent sendInternalEvent noop makeEventFunc
        makeCategoryEventFunc defineDefaultBindings startTextEntryMode startParameterMode
        backwardDeleteChar killAllText selfInsert commitEntry cancelEntry ignoreEntry
        beginParamScrub dragParamScrub releaseParam releaseParamForce selectParamTile
        setParamValue setParamChannel incrementParam decrementParam resetParam helpParam
        toggleParamLocked beginScrub dragScrub releaseScrub beginMoveOrZoom dragMove
        dragMoveLocked dragZoom doubleClick""",
}
_SCOPE_OF: Final = {name: scope for scope, text in _COMMANDS.items() for name in text.split()}

_VIEW_EVENTS: Final = frozenset({"remote-pull-session"})
_MEDIA_EVENTS: Final = frozenset({"remote-push-session"})
_PYTHON_EVENTS: Final = frozenset({"remote-pyeval", "remote-pyexec"})
_CONTROL_EVENTS: Final = frozenset(
    {"remote-mode-toggled", "connect-remote-friends", "connect-to-friend"}
)  # fmt: skip
_INTERNAL: Final = (
    "key-", "pointer-", "stylus-", "graph-", "before-", "after-", "internal-", "new-", "source-",
    "media-", "session-", "play-", "frame-", "remote-", "external-", "player-", "image-",
    "mode-", "range-", "render", "view-", "margins-", "cache-", "default-", "file-",
)  # fmt: skip


def command_scope(name: str) -> str:
    """The scope that a command needs."""
    return _SCOPE_OF.get(name, "python")


def event_scope(name: str) -> str:
    """The scope that sending us an event needs; for the Mu evaluators see the text itself.

    Events of the player's own making (keys, graph changes) sent from outside need `eval`:
    they run whatever scripts bound to them.
    """
    if name in _VIEW_EVENTS:
        return "view"
    if name in _MEDIA_EVENTS:
        return "media"
    if name in _PYTHON_EVENTS:
        return "python"
    if name in _CONTROL_EVENTS or name.startswith("remote-sync-"):
        return "control"
    return "eval" if name.startswith(_INTERNAL) else "control"


def parse_scopes(words: Iterable[str]) -> frozenset[str]:
    """Scopes from words; `all` is every one, `default` the usual ones.

    Raises ValueError with a readable text for a word that is none.
    """
    found: set[str] = set()
    for word in words:
        name = word.strip().lower()
        if name == "all":
            found |= ALL
        elif name == "default":
            found |= DEFAULT_SCOPES
        elif name in ALL:
            found.add(name)
        elif name:
            raise ValueError(f"{word!r} is no scope: {', '.join(NAMES)}, default or all")
    return frozenset(found)
