"""The fields, types and enum values of `GenerateContentRequest`: what Google's API knows, and nothing else.

Taken from Google's discovery document `generativelanguage:v1beta` (revision 20260717), with the fields that a request
schema of 2026-09-30 adds (`labels`, `displayName`, `mediaProcessing`, ...). A test compares both with this table.

A type is `string`, `bytes` (base64), `boolean`, `int32`, `int64`, `float`, `double`, `duration`, `timestamp`, `struct`
(any JSON object), `any`, the name of a message or of an enum below, `[T]` for repeated, `{T}` for a map with string
keys.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENUMS", "MESSAGES"]

_MESSAGES: Final = {
    "AudioResponseFormat": "bitRate=int32 delivery=Delivery mimeType=AudioResponseFormat.MimeType sampleRate=int32",
    "AudioTranscription": "speakerLabel=string text=string words=[WordInfo]",
    "AudioTranscriptionConfig": (
        "adaptationPhrases=[string] customVocabulary=[string] diarization=boolean languageAuto=LanguageAuto "
        "languageCodes=[string] languageHints=LanguageHints mode=AudioTranscriptionConfig.Mode "
        "wordTimestamp=boolean"
    ),
    "Blob": "data=bytes displayName=string mimeType=string",
    "CodeExecution": "",
    "CodeExecutionResult": "id=string outcome=CodeExecutionResult.Outcome output=string",
    "ComputerUse": (
        "disabledSafetyPolicies=[ComputerUse.SafetyPolicy] enablePromptInjectionDetection=boolean "
        "environment=ComputerUse.Environment excludedPredefinedFunctions=[string]"
    ),
    "Content": "parts=[Part] role=string",
    "DynamicRetrievalConfig": "dynamicThreshold=float mode=DynamicRetrievalConfig.Mode",
    "ExecutableCode": "code=string id=string language=ExecutableCode.Language",
    "FileData": "displayName=string fileUri=string mimeType=string",
    "FileSearch": "fileSearchStoreNames=[string] metadataFilter=string topK=int32",
    "FunctionCall": "args=struct id=string name=string",
    "FunctionCallingConfig": "allowedFunctionNames=[string] mode=FunctionCallingConfig.Mode",
    "FunctionDeclaration": (
        "behavior=FunctionDeclaration.Behavior description=string name=string parameters=Schema "
        "parametersJsonSchema=any response=Schema responseJsonSchema=any"
    ),
    "FunctionResponse": (
        "id=string name=string parts=[FunctionResponsePart] response=struct scheduling=FunctionResponse.Scheduling "
        "willContinue=boolean"
    ),
    "FunctionResponseBlob": "data=bytes mimeType=string",
    "FunctionResponsePart": "inlineData=FunctionResponseBlob",
    "GenerateContentRequest": (
        "cachedContent=string contents=[Content] generationConfig=GenerationConfig labels={string} model=string "
        "safetySettings=[SafetySetting] serviceTier=ServiceTier store=boolean systemInstruction=Content "
        "toolConfig=ToolConfig tools=[Tool]"
    ),
    "GenerationConfig": (
        "_responseJsonSchema=any audioTranscriptionConfig=AudioTranscriptionConfig candidateCount=int32 "
        "enableAffectiveDialog=boolean enableEnhancedCivicAnswers=boolean frequencyPenalty=float "
        "imageConfig=ImageConfig logprobs=int32 maxOutputTokens=int32 "
        "mediaResolution=GenerationConfig.MediaResolution presencePenalty=float "
        "responseFormat=ResponseFormatConfig responseJsonSchema=any responseLogprobs=boolean "
        "responseMimeType=string responseModalities=[GenerationConfig.Modality] responseSchema=Schema seed=int32 "
        "speechConfig=SpeechConfig stopSequences=[string] temperature=float thinkingConfig=ThinkingConfig "
        "topK=int32 topP=float translationConfig=TranslationConfig"
    ),
    "GoogleMaps": "enableWidget=boolean",
    "GoogleSearch": "searchTypes=SearchTypes timeRangeFilter=Interval",
    "GoogleSearchRetrieval": "dynamicRetrievalConfig=DynamicRetrievalConfig",
    "ImageConfig": "aspectRatio=string imageSize=string",
    "ImageResponseFormat": (
        "aspectRatio=ImageResponseFormat.AspectRatio delivery=Delivery imageSize=ImageResponseFormat.ImageSize "
        "mimeType=ImageResponseFormat.MimeType"
    ),
    "ImageSearch": "",
    "Interval": "endTime=timestamp startTime=timestamp",
    "LanguageAuto": "",
    "LanguageHints": "languageCodes=[string]",
    "LatLng": "latitude=double longitude=double",
    "McpServer": "name=string streamableHttpTransport=StreamableHttpTransport",
    "MediaResolution": "level=MediaResolution.Level",
    "MultiSpeakerVoiceConfig": "speakerVoiceConfigs=[SpeakerVoiceConfig]",
    "Part": (
        "audioTranscription=AudioTranscription codeExecutionResult=CodeExecutionResult "
        "executableCode=ExecutableCode fileData=FileData functionCall=FunctionCall "
        "functionResponse=FunctionResponse inlineData=Blob mediaProcessing=Part.MediaProcessing "
        "mediaResolution=MediaResolution partMetadata=struct speechMetadata=SpeechMetadata text=string "
        "thought=boolean thoughtSignature=bytes toolCall=ToolCall toolResponse=ToolResponse "
        "videoMetadata=VideoMetadata"
    ),
    "PrebuiltVoiceConfig": "voiceName=string",
    "ResponseFormatConfig": "audio=AudioResponseFormat image=ImageResponseFormat text=TextResponseFormat",
    "RetrievalConfig": "languageCode=string latLng=LatLng",
    "SafetySetting": "category=HarmCategory threshold=SafetySetting.HarmBlockThreshold",
    "Schema": (
        "anyOf=[Schema] default=any description=string enum=[string] example=any format=string items=Schema "
        "maxItems=int64 maxLength=int64 maxProperties=int64 maximum=double minItems=int64 minLength=int64 "
        "minProperties=int64 minimum=double nullable=boolean pattern=string properties={Schema} "
        "propertyOrdering=[string] required=[string] title=string type=Type"
    ),
    "SearchTypes": "imageSearch=ImageSearch webSearch=WebSearch",
    "SpeakerVoiceConfig": "speaker=string voiceConfig=VoiceConfig",
    "SpeechConfig": "languageCode=string multiSpeakerVoiceConfig=MultiSpeakerVoiceConfig voiceConfig=VoiceConfig",
    "SpeechMetadata": "speaker=string style=string",
    "StreamableHttpTransport": (
        "headers={string} sseReadTimeout=duration terminateOnClose=boolean timeout=duration url=string"
    ),
    "TextResponseFormat": "mimeType=TextResponseFormat.MimeType schema=any",
    "ThinkingConfig": "includeThoughts=boolean thinkingBudget=int32 thinkingLevel=ThinkingConfig.ThinkingLevel",
    "Tool": (
        "codeExecution=CodeExecution computerUse=ComputerUse fileSearch=FileSearch "
        "functionDeclarations=[FunctionDeclaration] googleMaps=GoogleMaps googleSearch=GoogleSearch "
        "googleSearchRetrieval=GoogleSearchRetrieval mcpServers=[McpServer] urlContext=UrlContext"
    ),
    "ToolCall": "args=struct id=string toolName=string toolType=ToolType",
    "ToolConfig": (
        "functionCallingConfig=FunctionCallingConfig includeServerSideToolInvocations=boolean "
        "retrievalConfig=RetrievalConfig"
    ),
    "ToolResponse": "id=string response=struct toolType=ToolType",
    "TranslationConfig": "echoTargetLanguage=boolean targetLanguageCode=string",
    "UrlContext": "",
    "VideoMetadata": "endOffset=duration fps=double startOffset=duration",
    "VoiceConfig": "prebuiltVoiceConfig=PrebuiltVoiceConfig voice=string",
    "WebSearch": "",
    "WordInfo": "endOffset=string startOffset=string word=string",
}

_ENUMS: Final = {
    "AudioResponseFormat.MimeType": (
        "MIME_TYPE_UNSPECIFIED AUDIO_MP3 AUDIO_OGG_OPUS AUDIO_L16 AUDIO_WAV AUDIO_ALAW AUDIO_MULAW"
    ),
    "AudioTranscriptionConfig.Mode": "MODE_UNSPECIFIED VERBATIM SMART",
    "CodeExecutionResult.Outcome": "OUTCOME_UNSPECIFIED OUTCOME_OK OUTCOME_FAILED OUTCOME_DEADLINE_EXCEEDED",
    "ComputerUse.Environment": "ENVIRONMENT_UNSPECIFIED ENVIRONMENT_BROWSER ENVIRONMENT_MOBILE ENVIRONMENT_DESKTOP",
    "ComputerUse.SafetyPolicy": (
        "SAFETY_POLICY_UNSPECIFIED FINANCIAL_TRANSACTIONS SENSITIVE_DATA_MODIFICATION COMMUNICATION_TOOL "
        "ACCOUNT_CREATION DATA_MODIFICATION USER_CONSENT_MANAGEMENT LEGAL_TERMS_AND_AGREEMENTS"
    ),
    "Delivery": "DELIVERY_UNSPECIFIED INLINE URI",
    "DynamicRetrievalConfig.Mode": "MODE_UNSPECIFIED MODE_DYNAMIC",
    "ExecutableCode.Language": "LANGUAGE_UNSPECIFIED PYTHON",
    "FunctionCallingConfig.Mode": "MODE_UNSPECIFIED AUTO ANY NONE VALIDATED",
    "FunctionDeclaration.Behavior": "UNSPECIFIED BLOCKING NON_BLOCKING",
    "FunctionResponse.Scheduling": "SCHEDULING_UNSPECIFIED SILENT WHEN_IDLE INTERRUPT",
    "GenerationConfig.MediaResolution": (
        "MEDIA_RESOLUTION_UNSPECIFIED MEDIA_RESOLUTION_LOW MEDIA_RESOLUTION_MEDIUM MEDIA_RESOLUTION_HIGH"
    ),
    "GenerationConfig.Modality": "MODALITY_UNSPECIFIED TEXT IMAGE AUDIO",
    "HarmCategory": (
        "HARM_CATEGORY_UNSPECIFIED HARM_CATEGORY_DEROGATORY HARM_CATEGORY_TOXICITY HARM_CATEGORY_VIOLENCE "
        "HARM_CATEGORY_SEXUAL HARM_CATEGORY_MEDICAL HARM_CATEGORY_DANGEROUS HARM_CATEGORY_HARASSMENT "
        "HARM_CATEGORY_HATE_SPEECH HARM_CATEGORY_SEXUALLY_EXPLICIT HARM_CATEGORY_DANGEROUS_CONTENT "
        "HARM_CATEGORY_CIVIC_INTEGRITY HARM_CATEGORY_JAILBREAK"
    ),
    "ImageResponseFormat.AspectRatio": (
        "ASPECT_RATIO_UNSPECIFIED ASPECT_RATIO_ONE_BY_ONE ASPECT_RATIO_TWO_BY_THREE ASPECT_RATIO_THREE_BY_TWO "
        "ASPECT_RATIO_THREE_BY_FOUR ASPECT_RATIO_FOUR_BY_THREE ASPECT_RATIO_FOUR_BY_FIVE ASPECT_RATIO_FIVE_BY_FOUR "
        "ASPECT_RATIO_NINE_BY_SIXTEEN ASPECT_RATIO_SIXTEEN_BY_NINE ASPECT_RATIO_TWENTY_ONE_BY_NINE "
        "ASPECT_RATIO_ONE_BY_EIGHT ASPECT_RATIO_EIGHT_BY_ONE ASPECT_RATIO_ONE_BY_FOUR ASPECT_RATIO_FOUR_BY_ONE"
    ),
    "ImageResponseFormat.ImageSize": (
        "IMAGE_SIZE_UNSPECIFIED IMAGE_SIZE_FIVE_TWELVE IMAGE_SIZE_ONE_K IMAGE_SIZE_TWO_K IMAGE_SIZE_FOUR_K"
    ),
    "ImageResponseFormat.MimeType": "MIME_TYPE_UNSPECIFIED IMAGE_JPEG",
    "MediaResolution.Level": (
        "MEDIA_RESOLUTION_UNSPECIFIED MEDIA_RESOLUTION_LOW MEDIA_RESOLUTION_MEDIUM MEDIA_RESOLUTION_HIGH "
        "MEDIA_RESOLUTION_ULTRA_HIGH"
    ),
    "Part.MediaProcessing": "MEDIA_PROCESSING_UNSPECIFIED STATIC AGENTIC",
    "SafetySetting.HarmBlockThreshold": (
        "HARM_BLOCK_THRESHOLD_UNSPECIFIED BLOCK_LOW_AND_ABOVE BLOCK_MEDIUM_AND_ABOVE BLOCK_ONLY_HIGH BLOCK_NONE OFF"
    ),
    "ServiceTier": "unspecified standard flex priority",
    "TextResponseFormat.MimeType": "MIME_TYPE_UNSPECIFIED APPLICATION_JSON TEXT_PLAIN",
    "ThinkingConfig.ThinkingLevel": "THINKING_LEVEL_UNSPECIFIED MINIMAL LOW MEDIUM HIGH",
    "ToolType": "TOOL_TYPE_UNSPECIFIED GOOGLE_SEARCH_WEB GOOGLE_SEARCH_IMAGE URL_CONTEXT GOOGLE_MAPS FILE_SEARCH",
    "Type": "TYPE_UNSPECIFIED STRING NUMBER INTEGER BOOLEAN ARRAY OBJECT NULL",
}


def _read(fields: str) -> Mapping[str, str]:
    return MappingProxyType(dict(word.split("=", 1) for word in fields.split()))


MESSAGES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {name: _read(fields) for name, fields in _MESSAGES.items()}
)
"""Message name -> camelCase field name -> type."""

ENUMS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {name: tuple(values.split()) for name, values in _ENUMS.items()}
)
"""Enum name -> its values, in order of their numbers as far as the document tells."""
