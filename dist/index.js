import { createRequire } from 'module';
const external_node_fs_namespaceObject = createRequire(import.meta.url)("node:fs");
process.exitCode = 1;
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGBREAK'];
const cancel = new AbortController();
for (const signal of STOP_SIGNALS)
	process.on(signal, () => cancel.abort());
const isPostStep = Boolean(process.env.STATE_phase);
const { GITHUB_STATE } = process.env;
if (GITHUB_STATE && !isPostStep)
	saveStart(GITHUB_STATE);
function saveStart(file) {
	try {
		(0, external_node_fs_namespaceObject.appendFileSync)(file, 'phase=started\n');
	}
	catch {
	}
}
const external_os_namespaceObject = createRequire(import.meta.url)("os");
function utils_toCommandValue(input) {
	if (input === null || input === undefined) {
		return '';
	}
	else if (typeof input === 'string' || input instanceof String) {
		return input;
	}
	return JSON.stringify(input);
}
function utils_toCommandProperties(annotationProperties) {
	if (!Object.keys(annotationProperties).length) {
		return {};
	}
	return {
		title: annotationProperties.title,
		file: annotationProperties.file,
		line: annotationProperties.startLine,
		endLine: annotationProperties.endLine,
		col: annotationProperties.startColumn,
		endColumn: annotationProperties.endColumn
	};
}
function command_issueCommand(command, properties, message) {
	const cmd = new Command(command, properties, message);
	process.stdout.write(cmd.toString() + external_os_namespaceObject.EOL);
}
function command_issue(name, message = '') {
	command_issueCommand(name, {}, message);
}
const CMD_STRING = '::';
class Command {
	constructor(command, properties, message) {
		if (!command) {
			command = 'missing.command';
		}
		this.command = command;
		this.properties = properties;
		this.message = message;
	}
	toString() {
		let cmdStr = CMD_STRING + this.command;
		if (this.properties && Object.keys(this.properties).length > 0) {
			cmdStr += ' ';
			let first = true;
			for (const key in this.properties) {
				if (this.properties.hasOwnProperty(key)) {
					const val = this.properties[key];
					if (val) {
						if (first) {
							first = false;
						}
						else {
							cmdStr += ',';
						}
						cmdStr += `${key}=${escapeProperty(val)}`;
					}
				}
			}
		}
		cmdStr += `${CMD_STRING}${escapeData(this.message)}`;
		return cmdStr;
	}
}
function escapeData(s) {
	return utils_toCommandValue(s)
		.replace(/%/g, '%25')
		.replace(/\r/g, '%0D')
		.replace(/\n/g, '%0A');
}
function escapeProperty(s) {
	return utils_toCommandValue(s)
		.replace(/%/g, '%25')
		.replace(/\r/g, '%0D')
		.replace(/\n/g, '%0A')
		.replace(/:/g, '%3A')
		.replace(/,/g, '%2C');
}
const external_crypto_namespaceObject = createRequire(import.meta.url)("crypto");
const external_fs_namespaceObject = createRequire(import.meta.url)("fs");
function file_command_issueFileCommand(command, message) {
	const filePath = process.env[`GITHUB_${command}`];
	if (!filePath) {
		throw new Error(`Unable to find environment variable for file command ${command}`);
	}
	if (!external_fs_namespaceObject.existsSync(filePath)) {
		throw new Error(`Missing file at path: ${filePath}`);
	}
	external_fs_namespaceObject.appendFileSync(filePath, `${utils_toCommandValue(message)}${external_os_namespaceObject.EOL}`, {
		encoding: 'utf8'
	});
}
function file_command_prepareKeyValueMessage(key, value) {
	const delimiter = `ghadelimiter_${external_crypto_namespaceObject.randomUUID()}`;
	const convertedValue = utils_toCommandValue(value);
	if (key.includes(delimiter)) {
		throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
	}
	if (convertedValue.includes(delimiter)) {
		throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
	}
	return `${key}<<${delimiter}${external_os_namespaceObject.EOL}${convertedValue}${external_os_namespaceObject.EOL}${delimiter}`;
}
createRequire(import.meta.url)("path");
createRequire(import.meta.url)("http");
createRequire(import.meta.url)("https");
function getProxyUrl(reqUrl) {
	const usingSsl = reqUrl.protocol === 'https:';
	if (checkBypass(reqUrl)) {
		return undefined;
	}
	const proxyVar = (() => {
		if (usingSsl) {
			return process.env['https_proxy'] || process.env['HTTPS_PROXY'];
		}
		else {
			return process.env['http_proxy'] || process.env['HTTP_PROXY'];
		}
	})();
	if (proxyVar) {
		try {
			return new DecodedURL(proxyVar);
		}
		catch (_a) {
			if (!proxyVar.startsWith('http://') && !proxyVar.startsWith('https://'))
				return new DecodedURL(`http://${proxyVar}`);
		}
	}
	else {
		return undefined;
	}
}
function checkBypass(reqUrl) {
	if (!reqUrl.hostname) {
		return false;
	}
	const reqHost = reqUrl.hostname;
	if (isLoopbackAddress(reqHost)) {
		return true;
	}
	const noProxy = process.env['no_proxy'] || process.env['NO_PROXY'] || '';
	if (!noProxy) {
		return false;
	}
	let reqPort;
	if (reqUrl.port) {
		reqPort = Number(reqUrl.port);
	}
	else if (reqUrl.protocol === 'http:') {
		reqPort = 80;
	}
	else if (reqUrl.protocol === 'https:') {
		reqPort = 443;
	}
	const upperReqHosts = [reqUrl.hostname.toUpperCase()];
	if (typeof reqPort === 'number') {
		upperReqHosts.push(`${upperReqHosts[0]}:${reqPort}`);
	}
	for (const upperNoProxyItem of noProxy
		.split(',')
		.map(x => x.trim().toUpperCase())
		.filter(x => x)) {
		if (upperNoProxyItem === '*' ||
			upperReqHosts.some(x => x === upperNoProxyItem ||
				x.endsWith(`.${upperNoProxyItem}`) ||
				(upperNoProxyItem.startsWith('.') &&
					x.endsWith(`${upperNoProxyItem}`)))) {
			return true;
		}
	}
	return false;
}
function isLoopbackAddress(host) {
	const hostLower = host.toLowerCase();
	return (hostLower === 'localhost' ||
		hostLower.startsWith('127.') ||
		hostLower.startsWith('[::1]') ||
		hostLower.startsWith('[0:0:0:0:0:0:0:1]'));
}
class DecodedURL extends URL {
	constructor(url, base) {
		super(url, base);
		this._decodedUsername = decodeURIComponent(super.username);
		this._decodedPassword = decodeURIComponent(super.password);
	}
	get username() {
		return this._decodedUsername;
	}
	get password() {
		return this._decodedPassword;
	}
}
var __awaiter = function (thisArg, _arguments, P, generator) {
	function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
	return new (P || (P = Promise))(function (resolve, reject) {
		function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
		function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
		function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};
class HttpClientResponse {
	constructor(message) {
		this.message = message;
	}
	readBody() {
		return __awaiter(this, void 0, void 0, function* () {
			return new Promise((resolve) => __awaiter(this, void 0, void 0, function* () {
				let output = Buffer.alloc(0);
				this.message.on('data', (chunk) => {
					output = Buffer.concat([output, chunk]);
				});
				this.message.on('end', () => {
					resolve(output.toString());
				});
			}));
		});
	}
	readBodyBuffer() {
		return __awaiter(this, void 0, void 0, function* () {
			return new Promise((resolve) => __awaiter(this, void 0, void 0, function* () {
				const chunks = [];
				this.message.on('data', (chunk) => {
					chunks.push(chunk);
				});
				this.message.on('end', () => {
					resolve(Buffer.concat(chunks));
				});
			}));
		});
	}
}
class lib_HttpClient {
	constructor(userAgent, handlers, requestOptions) {
		this._ignoreSslError = false;
		this._allowRedirects = true;
		this._allowRedirectDowngrade = false;
		this._maxRedirects = 50;
		this._allowRetries = false;
		this._maxRetries = 1;
		this._keepAlive = false;
		this._disposed = false;
		this.userAgent = this._getUserAgentWithOrchestrationId(userAgent);
		this.handlers = handlers || [];
		this.requestOptions = requestOptions;
		if (requestOptions) {
			if (requestOptions.ignoreSslError != null) {
				this._ignoreSslError = requestOptions.ignoreSslError;
			}
			this._socketTimeout = requestOptions.socketTimeout;
			if (requestOptions.allowRedirects != null) {
				this._allowRedirects = requestOptions.allowRedirects;
			}
			if (requestOptions.allowRedirectDowngrade != null) {
				this._allowRedirectDowngrade = requestOptions.allowRedirectDowngrade;
			}
			if (requestOptions.maxRedirects != null) {
				this._maxRedirects = Math.max(requestOptions.maxRedirects, 0);
			}
			if (requestOptions.keepAlive != null) {
				this._keepAlive = requestOptions.keepAlive;
			}
			if (requestOptions.allowRetries != null) {
				this._allowRetries = requestOptions.allowRetries;
			}
			if (requestOptions.maxRetries != null) {
				this._maxRetries = requestOptions.maxRetries;
			}
		}
	}
	requestRaw(info, data) {
		return __awaiter(this, void 0, void 0, function* () {
			return new Promise((resolve, reject) => {
				function callbackForResult(err, res) {
					if (err) {
						reject(err);
					}
					else if (!res) {
						reject(new Error('Unknown error'));
					}
					else {
						resolve(res);
					}
				}
				this.requestRawWithCallback(info, data, callbackForResult);
			});
		});
	}
	requestRawWithCallback(info, data, onResult) {
		if (typeof data === 'string') {
			if (!info.options.headers) {
				info.options.headers = {};
			}
			info.options.headers['Content-Length'] = Buffer.byteLength(data, 'utf8');
		}
		let callbackCalled = false;
		function handleResult(err, res) {
			if (!callbackCalled) {
				callbackCalled = true;
				onResult(err, res);
			}
		}
		const req = info.httpModule.request(info.options, (msg) => {
			const res = new HttpClientResponse(msg);
			handleResult(undefined, res);
		});
		let socket;
		req.on('socket', sock => {
			socket = sock;
		});
		req.setTimeout(this._socketTimeout || 3 * 60000, () => {
			if (socket) {
				socket.end();
			}
			handleResult(new Error(`Request timeout: ${info.options.path}`));
		});
		req.on('error', function (err) {
			handleResult(err);
		});
		if (data && typeof data === 'string') {
			req.write(data, 'utf8');
		}
		if (data && typeof data !== 'string') {
			data.on('close', function () {
				req.end();
			});
			data.pipe(req);
		}
		else {
			req.end();
		}
	}
	_getUserAgentWithOrchestrationId(userAgent) {
		const baseUserAgent = userAgent || 'actions/http-client';
		const orchId = process.env['ACTIONS_ORCHESTRATION_ID'];
		if (orchId) {
			const sanitizedId = orchId.replace(/[^a-z0-9_.-]/gi, '_');
			return `${baseUserAgent} actions_orchestration_id/${sanitizedId}`;
		}
		return baseUserAgent;
	}
}
external_os_namespaceObject.platform();
external_os_namespaceObject.arch();
function core_setSecret(secret) {
	command_issueCommand('add-mask', {}, secret);
}
function getInput(name, options) {
	const val = process.env[`INPUT_${name.replace(/ /g, '_').toUpperCase()}`] || '';
	if (options && options.required && !val) {
		throw new Error(`Input required and not supplied: ${name}`);
	}
	if (options && options.trimWhitespace === false) {
		return val;
	}
	return val.trim();
}
function setOutput(name, value) {
	const filePath = process.env['GITHUB_OUTPUT'] || '';
	if (filePath) {
		return file_command_issueFileCommand('OUTPUT', file_command_prepareKeyValueMessage(name, value));
	}
	process.stdout.write(external_os_namespaceObject.EOL);
	command_issueCommand('set-output', { name }, utils_toCommandValue(value));
}
function core_debug(message) {
	command_issueCommand('debug', {}, message);
}
function error(message, properties = {}) {
	command_issueCommand('error', utils_toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
function warning(message, properties = {}) {
	command_issueCommand('warning', utils_toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
function info(message) {
	process.stdout.write(message + external_os_namespaceObject.EOL);
}
function startGroup(name) {
	command_issue('group', name);
}
function endGroup() {
	command_issue('endgroup');
}
function saveState(name, value) {
	const filePath = process.env['GITHUB_STATE'] || '';
	if (filePath) {
		return file_command_issueFileCommand('STATE', file_command_prepareKeyValueMessage(name, value));
	}
	command_issueCommand('save-state', { name }, utils_toCommandValue(value));
}
function getState(name) {
	return process.env[`STATE_${name}`] || '';
}
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const monotonicMs = () => process.uptime() * 1000;
const systemClock = {
	now: monotonicMs,
	date: () => Date.now(),
	random: () => Math.random(),
	sleep: (ms, signal) => new Promise((resolve) => {
		const endMs = monotonicMs() + ms;
		let timer;
		const wakeOrWait = () => {
			const leftMs = endMs - monotonicMs();
			if (leftMs > 0 && !signal?.aborted) {
				timer = setTimeout(wakeOrWait, Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS));
				return;
			}
			clearTimeout(timer);
			signal?.removeEventListener('abort', wakeOrWait);
			resolve();
		};
		signal?.addEventListener('abort', wakeOrWait);
		wakeOrWait();
	}),
};
function duration(ms) {
	if (ms < 9950)
		return `${Math.round(ms / 100) / 10} s`;
	const seconds = Math.round(ms / 1000);
	if (seconds < 60)
		return `${seconds} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60)
		return joined(minutes, 'min', seconds % 60, 's');
	const hours = Math.floor(minutes / 60);
	return joined(hours, 'h', minutes % 60, 'min');
}
function joined(big, bigUnit, small, smallUnit) {
	return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}
function number(n) {
	return String(n).replace(/(?<!\.\d*)\B(?=(\d{3})+(?!\d))/g, ',');
}
function count(n, noun) {
	return `${number(n)} ${noun}${n === 1 ? '' : 's'}`;
}
function few(texts) {
	const more = texts.length > 3 ? ` and ${texts.length - 3} more` : '';
	return texts.slice(0, 3).join(', ') + more;
}
let graphemes;
function shorten(text, limit) {
	if (text.length <= limit)
		return text;
	const end = limit - 1;
	if (/^[ -~]+$/.test(text.slice(end - 1, limit)))
		return `${text.slice(0, end)}…`;
	graphemes ??= new Intl.Segmenter();
	return `${text.slice(0, graphemes.segment(text.slice(0, limit + 1)).containing(end)?.index)}…`;
}
function basicAuthorization(username, password) {
	return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
const BEARER_TOKEN = /^[\x21-\x7e]+$/;
function capitalize(text) {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
const INVISIBLE = /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/g;
const OUT_OF_PLACE = new RegExp(String.raw `(?!(?<=[\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]|(?!\p{Script=Latin})\p{L})[\u200C\u200D])` +
	INVISIBLE.source, 'gu');
const LONE_SURROGATE = /\p{Surrogate}/gu;
function oneLine(text) {
	return text.replace(OUT_OF_PLACE, ' ').replace(LONE_SURROGATE, '\uFFFD').replace(/ {2,}/g, ' ').trim();
}
function formEncoded(text) {
	return new URLSearchParams({ '': text }).toString().slice(1);
}
function groupBy(items, keyOf) {
	const groups = new Map();
	for (const item of items) {
		const key = keyOf(item);
		const group = groups.get(key);
		if (group === undefined)
			groups.set(key, [item]);
		else
			group.push(item);
	}
	return groups;
}
function stageOf(job) {
	switch (job.state) {
		case 'WAITING':
		case 'RUNNING':
		case 'CANCELING':
			return 'pending';
		case 'COMPLETED':
			return job.result === '' || job.result === 'NOT_SET' ? 'no-result' : 'finished';
		case 'FAILED':
		case 'ERROR':
		case 'DELETED':
		case 'CANCELED':
			return 'finished';
		default:
			return job.endDate === undefined ? 'unknown' : 'finished';
	}
}
function isTerminal(job) {
	const stage = stageOf(job);
	return stage === 'finished' || stage === 'no-result';
}
function isDeletedJob({ state }) {
	return state === 'DELETED' || state === 'CANCELED';
}
const ACCEPTABLE_RESULTS = ['COMPLETED_WITH_ERROR', 'ABORTED'];
function needsImportResults(job, policy) {
	if (job.state !== 'COMPLETED')
		return false;
	const isLimited = policy.maxFailedCommands !== undefined && policy.accept.has(job.result);
	return isLimited || stageOf(job) === 'no-result';
}
function judge(job, policy, results) {
	switch (job.state) {
		case 'COMPLETED':
			return judgeCompleted(job.result, policy, results);
		case 'FAILED':
		case 'ERROR':
			return failure(`The job failed (state ${job.state}, result ${job.result || 'missing'}).`);
		case 'DELETED':
		case 'CANCELED':
			return failure(`The job was deleted or canceled in Collibra (state ${job.state}). If the import is still needed, submit it again.`);
		default:
			return failure(`The job finished in the unknown state "${job.state}". Only COMPLETED with SUCCESS counts as success.`);
	}
}
function judgeCompleted(result, policy, results) {
	switch (result) {
		case 'SUCCESS':
			return success(results);
		case 'COMPLETED_WITH_ERROR':
		case 'ABORTED':
			return judgePartial(result, policy, results);
		case 'FAILURE':
			return failure('The job is COMPLETED, but its result is FAILURE.');
		case '':
		case 'NOT_SET':
			return judgeByImportResults(policy, results);
		default:
			return failure(`The job is COMPLETED with the unknown result "${result}". Only SUCCESS counts as success.`);
	}
}
const RESULT_OF_IMPORT_STATE = {
	COMPLETED: 'SUCCESS',
	COMPLETED_WITH_ERRORS: 'COMPLETED_WITH_ERROR',
	ABORTED: 'ABORTED',
	FAILED: 'FAILURE',
};
function judgeByImportResults(policy, results) {
	const result = resultOf(results);
	const state = results?.importJobState ?? '';
	if (result === undefined) {
		return failure(state === ''
			? 'The job is COMPLETED, but neither the job nor its Import Results report a result. Check the job in Collibra.'
			: `The job is COMPLETED without a result, and its Import Results report the unknown state "${state}". Check the job in Collibra.`);
	}
	const verdict = judgeCompleted(result, policy, results);
	const source = `The job reports no result; its Import Results report ${state}`;
	const reason = verdict.outcome === 'success' ? `${source}, which is a success.` : `${source}. ${verdict.reason}`;
	return { ...verdict, reason };
}
function resultOf(results) {
	if (results === undefined)
		return undefined;
	const { importJobState: state } = results;
	const result = Object.hasOwn(RESULT_OF_IMPORT_STATE, state) ? RESULT_OF_IMPORT_STATE[state] : undefined;
	return result === 'SUCCESS' && hasFailures(results) ? 'COMPLETED_WITH_ERROR' : result;
}
function hasFailures(results) {
	return someCommandsFailed(results) || hasFailedCounter(results);
}
function someCommandsFailed({ failedCommands = 0, firstFailedCommands }) {
	return failedCommands > 0 || firstFailedCommands.length > 0;
}
function hasFailedCounter({ resources }) {
	return resources.some((one) => [one, ...one.categories].some(({ failed = 0 }) => failed > 0));
}
function success(results) {
	const reason = 'The job is COMPLETED with SUCCESS';
	const isConsistent = results === undefined ||
		(!hasFailures(results) && (results.importJobState === '' || resultOf(results) === 'SUCCESS'));
	if (isConsistent)
		return { outcome: 'success', reason: `${reason}.` };
	const { importJobState: state } = results;
	const n = failedOf(results);
	const failed = n === undefined ? 'failed commands' : count(n, 'failed command');
	const facts = [...(state === '' ? [] : [`the state ${state}`]), ...(hasFailures(results) ? [failed] : [])];
	return {
		outcome: 'success',
		reason: `${reason}, but its Import Results report ${facts.join(' and ')}.`,
		isContradicted: true,
	};
}
function judgePartial(result, policy, results) {
	const facts = partialFacts(result, results);
	if (!policy.accept.has(result))
		return failure(`${facts}. To allow this result, add ${result} to the accept input.`);
	const limit = policy.maxFailedCommands;
	if (limit === undefined)
		return accepted(`${facts}.`);
	const failed = failedOf(results);
	if (failed === undefined) {
		return failure(`${facts}. max-failed-commands is ${limit}, but Import Results do not report how many commands failed.`);
	}
	if (failed > limit)
		return failure(`${facts}, more than max-failed-commands (${limit}) allows.`);
	return accepted(`${facts}, within max-failed-commands (${limit}).`);
}
function partialFacts(result, results) {
	const failed = failedOf(results);
	const facts = failed === undefined ? result : `${result}: ${count(failed, 'command')} failed`;
	return results?.changes === 0 ? `${facts} and no changes were committed` : facts;
}
function failedOf(results) {
	return results?.failedCommands || undefined;
}
function accepted(reason) {
	return { outcome: 'accepted', reason };
}
function failure(reason) {
	return { outcome: 'failure', reason };
}
const OUTCOMES = ['cancelled', 'error', 'timeout', 'failure', 'accepted', 'success'];
function mostSevere(outcomes) {
	return OUTCOMES.find((outcome) => outcomes.includes(outcome)) ?? 'error';
}
function passes(outcome) {
	return outcome === 'success' || outcome === 'accepted';
}
const CHANGES = ['added', 'updated', 'removed'];
function changesOf({ resources, changes }, kind) {
	if (resources.length === 0)
		return changes;
	return sumOf(resources.map((counters) => counters[kind]));
}
function sumOf(numbers) {
	return numbers.includes(undefined) ? undefined : sumOfKnown(numbers);
}
function sumOfKnown(numbers) {
	return numbers.reduce((sum, n) => sum + (n ?? 0), 0);
}
function bySeverity(jobs) {
	return jobs
		.map((job, index) => ({ ...job, number: index + 1 }))
		.sort((a, b) => OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome));
}
function isPlainSuccess({ outcome, isContradicted }) {
	return outcome === 'success' && !isContradicted;
}
function isUnfinished({ outcome, job }) {
	return (outcome === 'timeout' || outcome === 'cancelled') && !(job && isTerminal(job));
}
function decisiveJob(report) {
	return report.jobs.find((job) => job.outcome === report.outcome) ?? report.jobs[0];
}
const MIN_MASKED_LENGTH = 6;
const COMMON_WORDS = new Set([
	...OUTCOMES,
	...['waiting', 'running', 'canceling', 'completed', 'canceled', 'failed', 'deleted'],
	...['completed_with_error', 'aborted', 'not_set'],
	...['import', 'collibra', 'github', 'password', 'secret', 'username', 'default'],
]);
let secrets = [];
function maskSecret(secret) {
	const known = new Set(secrets.map(({ value }) => value));
	const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
	const added = [...new Set([secret.trim(), ...lines])].filter((value) => isMaskable(value) && !known.has(value));
	for (const value of added)
		if (!/[\r\n]/.test(value) && isSafeForRunner(value))
			core_setSecret(value);
	secrets = [...secrets, ...added.map((value) => ({ value, pattern: patternOf(value) }))];
	secrets.sort((a, b) => b.value.length - a.value.length);
}
function isMaskable(text) {
	return text.length >= MIN_MASKED_LENGTH && !COMMON_WORDS.has(text.toLowerCase());
}
function isSafeForRunner(line) {
	const rest = line.slice(line.lastIndexOf('&') + 1).replace(/^\+./, '');
	return rest.length < MIN_MASKED_LENGTH || isMaskable(rest);
}
function redact(text) {
	return secrets.reduce((redacted, { pattern }) => redacted.replace(pattern, '***'), text);
}
function redactAndTruncate(text, limit) {
	return shorten(redact(text), limit);
}
function patternOf(secret) {
	const isLong = secret.replace(/\s+/g, ' ').length >= MIN_MASKED_LENGTH;
	const escaped = secret
		.split(/(\s+)/)
		.map((part) => (isLong && /^\s/.test(part) ? WHITESPACE : Array.from(part, encodingsOf).join('')));
	const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
	const base64Url = base64.replaceAll('+', '-').replaceAll('/', '_');
	return new RegExp([escaped.join(''), ...[base64, base64Url].map(escapeForRegExp)].join('|'), 'g');
}
const WHITESPACE = String.raw `(?:\s|%20|%0[aAdD9]|\+|\\[nrt]|\\u00(?:20|0[aAdD9])|&#(?:32|10|13|9|x20|x0?[aAdD9]);)+`;
const XML_NAMES = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };
function encodingsOf(character) {
	if (/[A-Za-z0-9]/.test(character))
		return character;
	const literal = escapeForRegExp(character);
	const code = character.codePointAt(0) ?? 0;
	const bytes = [...Buffer.from(character)].map((byte) => `%${hex(byte, 2)}`).join('');
	const units = character.split('').map((unit) => String.raw `\\u${hex(unit.charCodeAt(0), 4)}`);
	const numbers = `&#(?:0*${code}|[xX]0*${hex(code)});`;
	const name = XML_NAMES[character];
	const names = name === undefined ? [] : [`&${name};`];
	return `(?:${[literal, bytes, units.join(''), String.raw `\\${literal}`, numbers, ...names].join('|')})`;
}
function hex(n, digits = 1) {
	const lower = n.toString(16).padStart(digits, '0');
	return lower.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}
function escapeForRegExp(text) {
	return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw `\$&`);
}
const MAX_TEXT = 1000;
const MAX_WHOLE_TEXT = 100_000;
function plain(text, limit = MAX_TEXT) {
	const redacted = redact(text);
	const maxInput = 4 * limit;
	const line = redact(oneLine(redacted.slice(0, maxInput)))
		.replace(/##\[/g, '## [')
		.replace(/^::/, ': :');
	return shorten(line, redacted.length > maxInput ? Math.min(limit, line.length - 1) : limit);
}
function plainJson(value) {
	return JSON.stringify(value, (_name, part) => typeof part === 'string' ? redactAndTruncate(part, MAX_WHOLE_TEXT) : part)
		.replace(INVISIBLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
		.replaceAll('##[', '##\\u005b');
}
const INVALID_INPUTS = { title: 'Invalid inputs', advice: 'No request was sent to Collibra. Fix these inputs:' };
function stepTitle(outcome) {
	return outcome === 'cancelled' ? 'The step was canceled' : 'The step failed';
}
function isDeleted({ outcome, job }) {
	return outcome === 'failure' && job !== undefined && isDeletedJob(job);
}
function hasFailedCommands({ importResults }) {
	return importResults !== undefined && someCommandsFailed(importResults);
}
function quoteMessage(job, limit, format = plain) {
	const message = plain(job?.message ?? '', limit).replace(/\.$/, '');
	return message && `Collibra's message: "${format(message, limit)}".`;
}
function adviceOnUnfinished(outcome, jobs, { onTimeout, onCancel }) {
	if (!jobs.some(isUnfinished))
		return ['Check the job in Collibra.'];
	const [theJob, is, aRunningImport, it] = jobs.length === 1 ? ['The job', 'is', 'A running import', 'it'] : ['The jobs', 'are', 'Running imports', 'them'];
	const isTimeout = outcome === 'timeout';
	if ((isTimeout ? onTimeout : onCancel) === 'delete')
		return [
			isTimeout
				? `${theJob} ${is} being deleted in Collibra.`
				: `The post step asks Collibra to delete ${theJob.toLowerCase()}. Its log says what came of that.`,
			`${aRunningImport} might not stop. Check ${it} before you import again.`,
		];
	return [
		`${theJob} might still be running in Collibra.`,
		isTimeout ? `Check ${it} there, or increase timeout-minutes.` : `Check ${it} before you import again.`,
	];
}
const MAX_COMMANDS = 50;
const MAX_INDICES = 5;
const MAX_GROUPED = 1000;
const MAX_NAME = 100;
const MAX_ERROR = 300;
function failedCommandsOf({ firstFailedCommands, failedCommands = 0 }) {
	const commands = firstFailedCommands
		.slice(0, MAX_GROUPED)
		.map((command) => ({ ...command, errorMessage: plain(command.errorMessage, MAX_ERROR) }));
	const alike = [...groupBy(commands, keyOf).values()].sort((a, b) => b.length - a.length).slice(0, MAX_COMMANDS);
	let shown = 0;
	const groups = alike.map((group, index) => {
		const some = group.slice(0, MAX_COMMANDS - shown - (alike.length - index - 1));
		shown += some.length;
		const kind = [group[0]?.resourceType, group[0]?.errorType].map((text = '') => plain(text, MAX_NAME));
		return { count: group.length, kind, errors: [...new Set(group.map((one) => one.errorMessage))], shown: some };
	});
	return { total: Math.max(failedCommands, commands.length), read: commands.length, shown, groups };
}
function keyOf({ resourceType, errorType, errorMessage }) {
	const error = errorMessage.replace(/'[^']*'|"[^"]*"|[\da-f]{8}-[-\da-f]+|\d+/gi, '…');
	return [resourceType, errorType, error].join('\n');
}
function nameOfCommand({ indices, identifier }) {
	const first = [...indices.slice(0, MAX_INDICES), ...(indices.length > MAX_INDICES ? ['…'] : [])].join(', ');
	return [first && `[${first}]`, plain(identifier, MAX_NAME)].filter(Boolean).join(' ') || '–';
}
function quoteError(results, said) {
	const { total, read, groups } = failedCommandsOf(results);
	const { count = 0, errors = [] } = groups[0] ?? {};
	const error = errors[0]?.replace(/\.$/, '');
	if (!error || said.includes(error))
		return '';
	const all = `${read < total ? 'the first ' : ''}${number(read)}`;
	return `${count === 1 ? 'First error' : `Most frequent error (${number(count)} of ${all})`}: "${error}".`;
}
function failedCommandLines(failed) {
	const lines = failed.groups.flatMap(({ count, kind, errors, shown }) => [
		`${number(count)} × ${kind.join(' ')}: ${errors[0] || '–'}`,
		...shown.map((one) => `- ${nameOfCommand(one)}${one.errorMessage === errors[0] ? '' : `: ${one.errorMessage}`}`),
		...(shown.length < count ? [`- … and ${number(count - shown.length)} more`] : []),
	]);
	return [...lines, whereTheRestIs('This log', failed)].filter(Boolean);
}
function whereTheRestIs(view, { total, read, shown }) {
	if (shown === total)
		return '';
	const counted = read < total && read > 0 ? `, and counts only the first ${number(read)}` : '';
	return (`${view} shows ${number(shown)} of ${count(total, 'failed command')}${counted}. ` +
		'The Import Results in Collibra contain all of them, and the errors-file input writes them to a file.');
}
function countsInWords(results) {
	const changes = results.map((one) => one.changes);
	const isKnown = changes.length > 0 && !changes.includes(undefined);
	const words = changes.every((n) => n === 0)
		? ['No changes were committed']
		: changesInWords(results.flatMap(({ resources }) => resources));
	const numbers = results.map(({ failedCommands }) => failedCommands);
	const failed = sumOfKnown(numbers);
	const failures = failed === 0 ? [] : [`${atLeast(numbers)}${count(failed, 'command')} failed`];
	return [...(isKnown ? words : []), ...failures].join(', ');
}
function changesInWords(resources) {
	return CHANGES.flatMap((kind) => {
		const numbers = resources.map((counters) => counters[kind]);
		const sum = sumOfKnown(numbers);
		return sum === 0 ? [] : `${atLeast(numbers)}${number(sum)} ${kind}`;
	});
}
function atLeast(numbers) {
	return numbers.includes(undefined) ? 'at least ' : '';
}
const MAX_ANNOTATIONS = 10;
const MAX_LENGTH = 4000;
const TITLES = {
	success: 'Collibra job succeeded',
	accepted: 'Collibra job accepted',
	failure: 'Collibra job failed',
	timeout: 'Timed out waiting for the Collibra job',
	error: "Could not determine the Collibra job's status",
	cancelled: 'Canceled while waiting for the Collibra job',
};
class Annotations {
	#unfinished;
	#left = MAX_ANNOTATIONS;
	constructor(unfinished = {}) {
		this.#unfinished = unfinished;
	}
	invalidInputs(problems) {
		this.#add('error', INVALID_INPUTS.title, [INVALID_INPUTS.advice, ...problems].join('\n'));
	}
	verdict(report) {
		const { outcome, reason } = report;
		const title = report.jobs.length === 0 ? TITLES[outcome] : stepTitle(outcome);
		if (reason !== undefined)
			this.#add(outcome, title, reason);
		const jobs = bySeverity(report.jobs).filter((job) => !isPlainSuccess(job));
		const addJob = (job) => this.#add(job.outcome, titleOf(job), messageOf(job, adviceOn(job, passes(outcome), this.#unfinished)));
		this.#each(jobs, addJob, 'the job summary', (next) => next.outcome);
	}
	notDeleted(problems) {
		const add = ({ id, reason }) => this.warning('Collibra job not deleted', `${reason} Job: ${id}`);
		this.#each(problems, add, 'the log', () => 'accepted');
	}
	warning(title, message) {
		this.#add('accepted', title, message);
	}
	#each(items, add, where, outcomeOf) {
		const shown = items.length > this.#left ? this.#left - 1 : items.length;
		items.slice(0, shown).forEach(add);
		const next = items[shown];
		if (next === undefined)
			return;
		const more = count(items.length - shown, 'more job');
		this.#add(outcomeOf(next), 'More Collibra jobs', `${more} are listed in ${where}.`);
	}
	#add(outcome, title, message) {
		const lines = message.split('\n').map((line) => plain(line, MAX_LENGTH));
		const text = shorten(lines.join('\n'), MAX_LENGTH);
		if (this.#left === 0)
			info(`${plain(title)}: ${text}`);
		else if (passes(outcome))
			warning(text, { title: plain(title) });
		else
			error(text, { title: plain(title) });
		this.#left = Math.max(0, this.#left - 1);
	}
}
function titleOf(report) {
	const { outcome, job } = report;
	if (isDeleted(report))
		return 'Collibra job was deleted or canceled';
	const value = job?.state === 'COMPLETED' ? job.result : job?.state;
	const isDecisive = outcome === 'failure' || outcome === 'accepted';
	return value && isDecisive ? `${TITLES[outcome]}: ${plain(value, 40)}` : TITLES[outcome];
}
function messageOf({ id, reason, job, importResults }, advice) {
	const cause = plain(reason);
	const said = [cause, quoteMessage(job, 500)].filter(Boolean).join(' ');
	const error = importResults && quoteError(importResults, said);
	const changes = importResults && changesIn(importResults.resources);
	const fix = advice.filter((sentence) => !cause.includes(sentence));
	const name = job?.name ? `"${plain(job.name, 100)}"` : '';
	const which = [cause.includes(id) ? '' : id, name].filter(Boolean).join(' ');
	return [said, error, changes, ...fix, which && `Job: ${which}`].filter(Boolean).join(' ');
}
function adviceOn(report, stepPasses, unfinished) {
	const inSummary = hasFailedCommands(report);
	const passed = (why) => (stepPasses ? [why] : []);
	switch (report.outcome) {
		case 'success':
			return [...passed('The step passed because the job reports SUCCESS.'), 'Check the job in Collibra.'];
		case 'accepted':
			return [
				...passed('The step passed because the accept input allows this result.'),
				inSummary ? 'Review the failed commands in the job summary.' : 'Check the job in Collibra.',
			];
		case 'failure':
			if (isDeleted(report))
				return [];
			return inSummary
				? ['See the failed commands in the job summary.', 'Fix the data, then import again.']
				: ['Check the job in Collibra.', 'Fix the problem, then import again.'];
		case 'timeout':
		case 'cancelled':
			return adviceOnUnfinished(report.outcome, [report], unfinished);
		case 'error':
			return [];
	}
}
function changesIn(resources) {
	const changes = resources.flatMap((resource) => {
		const words = changesInWords([resource]).join(', ');
		return words === '' ? [] : [`${plain(resource.resourceType, 40)} ${words}`];
	});
	return changes.length > 0 ? shorten(`Import Results: ${changes.join('; ')}.`, 500) : '';
}
function isProblem({ kind }) {
	return kind === 'failed' || kind === 'unconfirmed';
}
function deleteResultText(result) {
	switch (result.kind) {
		case 'deleted':
			return 'requested deletion. A running import might not stop. Check the job before you import again.';
		case 'finished': {
			const { state, result: outcome } = result.job;
			return `not deleted, because the job is finished (state ${state}, result ${outcome || 'missing'}).`;
		}
		case 'failed':
			return `could not delete the job. ${result.error.message} Check the job in Collibra.`;
		case 'unconfirmed':
			return `no confirmation that the job was deleted. ${result.error.message} Check the job in Collibra.`;
	}
}
const NAME_MATCHES = ['exact', 'start', 'end', 'anywhere'];
const COMPARISONS = {
	exact: ['named', 'includes'],
	start: ['whose name starts with', 'startsWith'],
	end: ['whose name ends with', 'endsWith'],
	anywhere: ['whose name contains', 'includes'],
};
function describeName({ name, nameMatch }) {
	return `${COMPARISONS[nameMatch][0]} "${name}"`;
}
function describeQuery(query) {
	const { type, user, lookbackMs } = query;
	const filters = [type && ` of type ${type}`, user && ` started by ${user}`].filter(Boolean).join(',');
	return `job ${describeName(query)}${filters} created at most ${duration(lookbackMs)} before the step started`;
}
function isLike(name, wanted, nameMatch) {
	return nameMatch === 'exact' ? name === wanted : name.toUpperCase()[COMPARISONS[nameMatch][1]](wanted.toUpperCase());
}
function fits(value, wanted) {
	return value === undefined || value === (wanted ?? value);
}
class Progress {
	shown = '';
	job;
	isNotFound = false;
	errors = new Set();
	nextPollMs;
	remainingMs;
	report;
}
function statusOf(id, progress, elapsedMs) {
	const { job, isNotFound, errors, remainingMs, nextPollMs } = progress;
	const unseen = isNotFound ? 'not found yet' : 'no status yet';
	const parts = [
		job === undefined ? unseen : job.state || 'no state',
		job?.result === 'NOT_SET' ? '' : job?.result,
		job?.progressPercentage === undefined ? '' : `${job.progressPercentage}%`,
		...errors,
		`${duration(elapsedMs)} elapsed`,
		remainingMs === undefined ? '' : `about ${duration(remainingMs)} left`,
		nextCheck(nextPollMs, elapsedMs),
	];
	return `${nameOf(id, job)}: ${parts.filter(Boolean).join(', ')}`;
}
function overviewOf(all, elapsedMs) {
	const outcomes = all.flatMap(({ report }) => (report === undefined ? [] : [report.outcome]));
	const waiting = all.filter(({ report }) => report === undefined);
	const states = waiting.map(({ job }) => job?.state || 'without a status');
	const errors = waiting.flatMap(({ errors }) => [...errors]);
	const worst = outcomes.length > 0 ? ` (worst outcome so far: ${mostSevere(outcomes)})` : '';
	const parts = [
		`${outcomes.length} of ${count(all.length, 'job')} finished${worst}`,
		counted(states),
		errors.length > 0 ? `errors: ${counted(errors)}` : '',
		`${duration(elapsedMs)} elapsed`,
		nextCheck(Math.min(...waiting.map(({ nextPollMs = Infinity }) => nextPollMs)), elapsedMs),
	];
	return parts.filter(Boolean).join('; ');
}
function counted(words) {
	return [...groupBy(words, (word) => plain(word, 40))].map(([word, same]) => `${same.length} ${word}`).join(', ');
}
function nameOf(id, job) {
	return job?.name === undefined ? id : `${id} "${plain(job.name, 100)}"`;
}
function nextCheck(atMs = Infinity, elapsedMs) {
	const delayMs = atMs - elapsedMs;
	return delayMs > 0 && Number.isFinite(delayMs) ? `next check in ${duration(delayMs)}` : '';
}
const HEARTBEAT_MS = 60_000;
const MAX_DETAILED = 3;
class Log {
	#clock;
	#startMs;
	#jobs = new Map();
	#unknownStates = new Set();
	#lastLineMs;
	#isRateLimited = false;
	constructor(clock, startMs) {
		this.#clock = clock;
		this.#startMs = startMs;
		this.#lastLineMs = startMs;
	}
	line(text) {
		if (this.#isDetailed)
			this.#lastLineMs = this.#clock.now();
		info(plain(text));
	}
	start({ url, target, policy, polling, jobApi }) {
		if (target.kind === 'ids')
			for (const id of target.ids)
				this.#progressOf(id, undefined);
		const what = target.kind === 'ids' ? count(target.ids.length, 'job') : `the newest job ${describeName(target)}`;
		const accepted = ['SUCCESS', ...policy.accept].join(', ');
		this.line(`Waiting up to ${duration(polling.timeoutMs)} for ${what} at ${url}. Accepted results: ${accepted}. Job API: ${jobApi}.`);
	}
	onPoll(id, job, next) {
		const progress = this.#progressOf(id, next?.delayMs);
		const shown = JSON.stringify([job.state, job.result, job.progressPercentage]);
		const hasChanged = progress.shown !== shown || progress.errors.size > 0;
		Object.assign(progress, { job, shown, remainingMs: next?.remainingMs });
		progress.errors.clear();
		this.#lineIf(hasChanged && this.#isDetailed, statusOf(id, progress, this.#elapsedMs()));
		const whose = this.#isDetailed ? id : job.state;
		if (stageOf(job) === 'unknown' && !this.#unknownStates.has(whose)) {
			this.#unknownStates.add(whose);
			const waiting = next === undefined ? '' : ' Still waiting.';
			this.line(`Warning: job ${id} is in the unknown state "${job.state}".${waiting}`);
		}
	}
	onTransientError(subject, error, delayMs) {
		const progress = this.#progressOf(subject, delayMs);
		const whose = error.message.includes(subject) ? '' : ` for ${subject}`;
		const next = delayMs === undefined ? '' : ` Retrying in ${duration(delayMs)}.`;
		const concerned = this.#isDetailed ? [progress] : [...this.#jobs.values()];
		const isNews = !concerned.some(({ errors }) => errors.has(error.label));
		this.#lineIf(isNews, `Transient error${whose}: ${error.message}${next}`);
		progress.errors.add(error.label);
	}
	onRateLimit(delayMs) {
		const text = `The server limits the rate of requests. All requests wait for ${duration(delayMs)}.`;
		this.#lineIf(!this.#isRateLimited, text);
		this.#isRateLimited = true;
	}
	onNotFound(query, delayMs, nearMisses) {
		const progress = this.#progressOf(query, delayMs);
		const [yet, next] = delayMs === undefined ? ['', nearMisses] : [' yet', `Next check in ${duration(delayMs)}.`];
		progress.errors.clear();
		this.#lineIf(!progress.isNotFound || delayMs === undefined, `${capitalize(query)} not found${yet} after ${duration(this.#elapsedMs())}. ${next}`);
		progress.isNotFound = true;
	}
	onFound(query, job, otherNames) {
		this.#jobs.delete(query);
		const created = job.createdOn === undefined ? '' : `, created ${job.createdOn.toISOString()}`;
		this.line(`Found job ${nameOf(job.id, job)}${created}.`);
		const names = few(otherNames.map((name) => `"${plain(name, 100)}"`));
		if (names !== '')
			this.line(`It is the newest of several jobs that match. Other names: ${names}.`);
	}
	onFinished(report) {
		const { id, outcome, reason, job, importResults } = report;
		this.#progressOf(id, undefined).report = report;
		const all = [...this.#jobs.values()];
		const finished = all.filter((one) => one.report !== undefined).length;
		const ofAll = this.#isDetailed ? '' : ` (${finished} of ${all.length} jobs)`;
		this.line(`${prefix(id, reason, job)}${outcome} after ${duration(this.#elapsedMs())}${ofAll}. ${reason}`);
		const failed = importResults && failedCommandsOf(importResults);
		if (!failed?.total)
			return;
		startGroup(plain(`${count(failed.total, 'failed command')} of ${nameOf(id, job)}`));
		for (const text of failedCommandLines(failed))
			info(plain(text));
		endGroup();
	}
	onImportResultsUnavailable(jobId, reason) {
		this.line(`${prefix(jobId, reason)}Import Results are missing or incomplete. ${reason}`);
	}
	onDeleteResult(id, result) {
		this.line(`${isProblem(result) ? 'Warning: ' : ''}${id}: ${deleteResultText(result)}`);
	}
	async heartbeat(signal) {
		while (!signal.aborted) {
			const silentMs = this.#clock.now() - this.#lastLineMs;
			if (silentMs < HEARTBEAT_MS)
				await this.#clock.sleep(HEARTBEAT_MS - silentMs, signal);
			else {
				this.#lastLineMs = this.#clock.now();
				this.line(this.#overview());
			}
		}
	}
	#lineIf(isNews, text) {
		if (isNews)
			this.line(text);
		else
			core_debug(plain(text));
	}
	#progressOf(key, delayMs) {
		const progress = this.#jobs.get(key) ?? new Progress();
		progress.nextPollMs = delayMs === undefined ? undefined : this.#elapsedMs() + delayMs;
		this.#jobs.set(key, progress);
		return progress;
	}
	get #isDetailed() {
		return this.#jobs.size <= MAX_DETAILED;
	}
	#elapsedMs() {
		return this.#clock.now() - this.#startMs;
	}
	#overview() {
		const [first, ...others] = this.#jobs;
		return first !== undefined && others.length === 0
			? statusOf(...first, this.#elapsedMs())
			: overviewOf([...this.#jobs.values()], this.#elapsedMs());
	}
}
function prefix(id, text, job) {
	return text.includes(id) ? '' : `${nameOf(id, job)}: `;
}
const MAX_LINES = 30;
const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
function prose(text, limit) {
	return escaped(plain(text, limit));
}
function escaped(text) {
	const special = /[&<>"]|[-@#:]+\p{M}*|\.(?=\S)|[0-9a-f]{6}(?=[0-9a-f])/giu;
	const html = text.replace(special, (found) => ESCAPES[found] ?? `<span>${found}</span>`);
	return RIGHT_TO_LEFT.test(html) ? `<span dir="auto">${html}</span>` : html;
}
function proseLines(lines, limit) {
	const shown = lines.slice(0, MAX_LINES).map((line) => prose(line, limit));
	const rest = lines.length - shown.length;
	return rest === 0 ? shown : [...shown, `… and ${count(rest, 'more line')}`];
}
function paragraph(lines) {
	return lines.length === 0 ? '' : `<p>${lines.join('<br>\n')}</p>`;
}
function lines(texts) {
	return texts.filter(Boolean).join('<br>') || '–';
}
function code(text, limit) {
	const line = plain(text ?? '', limit);
	return line === '' ? '–' : `<code>${line.replace(/[&<>"]/g, (found) => ESCAPES[found] ?? found)}</code>`;
}
function table(heads, rows, wrapping = []) {
	const cell = (content, column) => {
		if (typeof content === 'number')
			return `<td align="right">${number(content)}</td>`;
		return `<td${wrapping.includes(column) ? '' : ' nowrap'}>${content}</td>`;
	};
	const lines = [heads.map((head) => `<th>${head}</th>`), ...rows.map((cells) => cells.map(cell))];
	return ['<table>', ...lines.map((cells) => `<tr>${cells.join('')}</tr>`), '</table>'].join('\n');
}
const MAX_TYPES = 20;
const MAX_CATEGORIES = 10;
const imports_MAX_NAME = 100;
const MAX_VISIBLE = 3;
const SQUARES = { added: '🟩', updated: '🟦', removed: '🟧', failed: '🟥' };
const KINDS = [...CHANGES, 'failed'];
const BAR_LENGTH = 10;
function countersTable({ resources, changes, failedCommands }) {
	if (resources.length === 0 || changes === undefined)
		return '';
	const countsFailures = resources.some(({ failed }) => (failedCommands === 0 ? failed !== undefined : failed));
	const kinds = countsFailures ? KINDS : CHANGES;
	const heads = ['Resources', ...kinds.map((kind) => `${SQUARES[kind]} ${kind}`), 'Share'];
	const row = (name, counters) => [name, ...kinds.map((kind) => counters[kind] ?? '–')];
	const rows = resources
		.slice(0, MAX_TYPES)
		.flatMap((type) => [
		[...row(`<b>${prose(type.resourceType, imports_MAX_NAME)}</b>`, type), bar(type)],
		...largest(type).map((category) => [...row(`&emsp;${prose(category.name, imports_MAX_NAME)}`, category), '']),
		...more(type.categories.length - MAX_CATEGORIES, '&emsp;'),
	]);
	return table(heads, [...rows, ...more(resources.length - MAX_TYPES)]);
}
function largest({ categories }) {
	const size = (one) => sumOfKnown(CHANGES.map((kind) => one[kind]));
	const failed = (one) => one.failed ?? 0;
	return [...categories].sort((a, b) => failed(b) - failed(a) || size(b) - size(a)).slice(0, MAX_CATEGORIES);
}
function more(n, indent = '') {
	return n > 0 ? [[`${indent}… and ${number(n)} more`]] : [];
}
function bar(counters) {
	const numbers = KINDS.map((kind) => counters[kind] ?? 0);
	const total = sumOfKnown(numbers);
	if (total === 0)
		return '';
	const squares = numbers.map((n) => Math.round((BAR_LENGTH * n) / total) || Number(n > 0));
	const longest = squares.indexOf(Math.max(...squares));
	const lengths = squares.map((n, index) => (index === longest ? n + BAR_LENGTH - sumOfKnown(squares) : n));
	return KINDS.map((kind, index) => SQUARES[kind].repeat(lengths[index] ?? 0)).join('');
}
function failedCommandsTable(results, errorsFile) {
	const failed = failedCommandsOf(results);
	if (failed.total === 0)
		return '';
	const rows = failed.groups.map((group) => [
		group.count,
		lines(group.kind.map(escaped)),
		errorOf(group),
		namesOf(group),
	]);
	const rest = whereTheRestIs('This summary', failed);
	const blocks = [
		`<h3>${count(failed.total, 'failed command')}</h3>`,
		rows.length > 0 && table(['Count', 'Kind', 'Error', '[Index] Command'], rows, [2, 3]),
		errorsFile === undefined
			? rest && `<p>${rest}</p>`
			: `<p>The file ${code(errorsFile, 500)} ${results.isPartial ? 'is incomplete; see the log' : 'contains all failed commands'}.</p>`,
	];
	return blocks.filter(Boolean).join('\n');
}
function errorOf({ errors: [first = '', ...others] }) {
	const alike = others.length === 0 ? '' : `(${count(others.length, 'more message')} with other names or numbers)`;
	return lines([escaped(first), alike]);
}
function namesOf(group) {
	const names = group.shown.map((command) => escaped(nameOfCommand(command)));
	const visible = names.slice(0, names.length > MAX_VISIBLE + 1 ? MAX_VISIBLE : names.length);
	const rest = [...names.slice(visible.length), ...more(group.count - names.length).flat()].join('<br>');
	const title = `${number(group.count - visible.length)} more`;
	return lines(visible) + (rest && `<details><summary>${title}</summary>${rest}</details>`);
}
const MAX_JOBS = 30;
const MINUTE = 60_000;
const DAY = 86_400_000;
const YEAR_10000 = Date.UTC(10_000, 0);
const MAX_TICKS = 4;
const TICKS = Object.entries({ second: 1000, minute: MINUTE, hour: 3_600_000, day: DAY }).flatMap(([unit, ms]) => [1, 2, 5, 10, 15, 30].map((n) => ({ name: `${n}${unit}`, ms: n * ms })));
const MIN_WAIT = 1 / 60;
const NO_LABEL = '\u034F';
function timeline(jobs, nowMs) {
	const rows = jobs.map((job) => ({ number: job.number, phases: phasesOf(job, nowMs) }));
	const drawable = rows.filter(({ phases }) => phases.length > 0);
	const shown = drawable.slice(0, MAX_JOBS).sort((a, b) => a.number - b.number);
	if (shown.length < 2)
		return '';
	const times = shown.flatMap(({ phases }) => phases.flatMap(({ from, to }) => [from, to]));
	const span = Math.max(...times) - Math.min(...times);
	const tick = TICKS.find(({ ms }) => span <= ms * MAX_TICKS);
	const omitted = jobs.length - shown.length;
	const note = omitted === 0 ? '' : ` The chart omits ${omitted} of ${jobs.length} jobs.`;
	return [
		...['```mermaid', '---', 'displayMode: compact', '---', 'gantt'],
		'dateFormat YYYY-MM-DDTHH:mm:ss.SSS',
		`axisFormat ${span < 10 * MINUTE ? '%H:%M:%S' : span < DAY ? '%H:%M' : '%m-%d %H:%M'}`,
		...(tick === undefined ? [] : [`tickInterval ${tick.name}`]),
		...shown.flatMap(({ number, phases }) => [`section Job ${number}`, ...phases.flatMap((one) => task(one, span))]),
		'```',
		'',
		`<p>Gray: waiting; blue: running; red: failed. Times in UTC.${note}</p>`,
	].join('\n');
}
function phasesOf({ job, outcome }, nowMs) {
	const [created, started, finished] = [job?.createdOn, job?.startDate, job?.endDate].map(timeOf);
	const end = finished ?? nowMs ?? NaN;
	const phases = [
		{ tag: 'done', from: created ?? NaN, to: started ?? end },
		{ tag: outcome === 'failure' ? 'crit' : 'active', from: started ?? NaN, to: end },
	];
	return phases.filter(({ from, to }) => from <= to);
}
function timeOf(date) {
	const ms = date?.getTime() ?? NaN;
	return ms >= 0 && ms < YEAR_10000 ? ms : undefined;
}
function task({ tag, from, to }, span) {
	if (tag === 'done' && (to - from) / span < MIN_WAIT)
		return [];
	const stamp = (ms) => new Date(ms).toISOString().slice(0, -1);
	return [`${NO_LABEL} :${tag}, ${stamp(from)}, ${stamp(to)}`];
}
const verdict_MAX_TEXT = 500;
const MAX_TEXTS = 20_000;
const SIGNS = {
	success: '✅',
	accepted: '⚠️',
	failure: '❌',
	timeout: '⌛',
	error: '❓',
	cancelled: '🚫',
};
const HEADLINES = {
	success: (jobs) => `${jobs} succeeded`,
	accepted: (jobs) => `${jobs} finished with errors that the accept input allows`,
	failure: (jobs) => `${jobs} failed`,
	timeout: (jobs) => `timed out waiting for ${jobs}`,
	error: (jobs) => `could not determine the result of ${jobs}`,
	cancelled: (jobs) => `canceled while waiting for ${jobs}`,
};
function headline(report) {
	const { outcome, jobs } = report;
	const decisive = decisiveJobs(report);
	if (jobs.length > 0 && decisive.length === 0)
		return stepTitle(outcome);
	const all = decisive.length === jobs.length ? `all ${jobs.length}` : `${decisive.length} of ${jobs.length}`;
	const named = jobs.length <= 1 ? 'the Collibra job' : `${all} Collibra jobs`;
	if (!areDeleted(decisive))
		return capitalize(HEADLINES[outcome](named));
	return capitalize(`${named} ${decisive.length === 1 ? 'was' : 'were'} deleted or canceled`);
}
function decisiveJobs({ outcome, jobs }) {
	return jobs.filter((job) => job.outcome === outcome);
}
function areDeleted(jobs) {
	return jobs.length > 0 && jobs.every(isDeleted);
}
function advice(report, unfinished) {
	const { jobs } = report;
	const results = jobs.flatMap(({ importResults }) => importResults ?? []);
	const numbers = countsInWords(results);
	const whose = results.length === jobs.length ? '' : `Import Results of ${results.length} of ${jobs.length} jobs: `;
	const changes = numbers === '' ? '' : `${whose}<b>${numbers}</b>.`;
	const text = [changes, ...nextStep(report, unfinished)].filter(Boolean).join(' ');
	return text && `<p>${text}</p>`;
}
function nextStep(report, unfinished) {
	const jobs = decisiveJobs(report);
	const listed = jobs.some(hasFailedCommands);
	switch (report.outcome) {
		case 'success':
			if (jobs.every(isPlainSuccess))
				return ['No action needed.'];
			return ['The step passed, but Import Results contradict the result. Check the job in Collibra.'];
		case 'accepted':
			return [
				'The step passed because the accept input allows this result.',
				listed ? 'Review the failed commands below.' : 'Check in Collibra which changes were committed.',
			];
		case 'failure':
			if (areDeleted(jobs))
				return [];
			return [
				...(jobs.every(isCommitKnown) ? [] : ['Check in Collibra which changes were committed.']),
				`Fix the ${listed ? 'data of the failed commands' : 'problem'} below, then import again.`,
			];
		case 'error':
			if (jobs.length === 0)
				return ['Fix the problem below, then run the step again.'];
			return ['Fix the problem below, then wait for the same job-id again before anything uses the imported data.'];
		case 'timeout':
		case 'cancelled':
			return jobs.length === 0 ? [] : adviceOnUnfinished(report.outcome, jobs, unfinished);
	}
}
function isCommitKnown({ job, importResults }) {
	const changes = importResults?.changes;
	return changes === 0 || (changes !== undefined && job?.state === 'COMPLETED');
}
function reasons(reason, jobs) {
	const limit = Math.min(verdict_MAX_TEXT, Math.floor(MAX_TEXTS / jobs.length));
	const explained = jobs.filter((job) => !isPlainSuccess(job));
	const ofJobs = [...groupBy(explained, (job) => reasonOf(job, limit))].map(([text, same]) => {
		const numbers = same.map(({ number }) => number).join(', ');
		return jobs.length === 1 ? text : `<b>Job ${numbers}</b>: ${text}`;
	});
	return paragraph([...proseLines(reason?.split('\n') ?? [], verdict_MAX_TEXT), ...ofJobs]);
}
function reasonOf({ reason, job }, limit) {
	return [prose(reason, limit), quoteMessage(job, limit, prose)].filter(Boolean).join(' ');
}
const MAX_BYTES = 1_000_000;
const summary_MAX_NAME = 60;
const MAX_WORD = 50;
const MAX_UNFOLDED = 3;
function summaryOf(report, options = {}) {
	const { jobs } = report;
	const { nowMs, unfinished = {}, nextStep } = options;
	const numbered = bySeverity(jobs);
	const blocks = [
		`## ${SIGNS[report.outcome]} ${headline(report)}`,
		nextStep === undefined ? advice(report, unfinished) : `<p>${nextStep}</p>`,
		reasons(report.reason, numbered),
		jobs.length === 0 ? '' : jobsTable(numbered, nowMs),
		timeline(numbered, nowMs),
	];
	let room = MAX_BYTES - Buffer.byteLength(blocks.join('\n\n'));
	for (const [index, job] of numbered.entries()) {
		const block = importResults(job, jobs.length, options);
		room -= Buffer.byteLength(block) + 2;
		if (room < 0) {
			const last = count(jobs.length - index, 'job');
			const omission = `Import Results of the last ${last} are omitted because the job summary reached its size limit.`;
			return summary_joined([...blocks, `<p>${omission}</p>`]);
		}
		blocks.push(block);
	}
	return summary_joined(blocks);
}
function summaryOfInvalidInputs(problems) {
	const { title, advice } = INVALID_INPUTS;
	return summary_joined([`## ${SIGNS.failure} ${title}`, paragraph([advice, ...proseLines(problems, verdict_MAX_TEXT)])]);
}
function summary_joined(blocks) {
	return blocks.filter(Boolean).join('\n\n') + '\n';
}
function writeSummary(path, markdown) {
	(0, external_node_fs_namespaceObject.appendFileSync)(path, markdown);
}
function jobsTable(jobs, nowMs) {
	const isOne = jobs.length === 1;
	const heads = ['Name and ID', 'State and result', 'Duration', 'Started (UTC)', 'Finished (UTC)'];
	const rows = jobs.map(({ number, id, outcome, job }) => [
		`${isOne ? '' : `${number} `}${SIGNS[outcome]}<br>${outcome}`,
		lines([prose(job?.name ?? '', summary_MAX_NAME), `<samp>${prose(id, summary_MAX_NAME)}</samp>`]),
		lines(job === undefined ? [] : [code(job.state, MAX_WORD) + progressOf(job), code(job.result, MAX_WORD)]),
		durationOf(job, nowMs),
		time(job?.startDate),
		time(job?.endDate, job?.startDate),
	]);
	return table([isOne ? 'Outcome' : 'Job', ...heads], rows);
}
function progressOf({ endDate, progressPercentage }) {
	return endDate === undefined && progressPercentage !== undefined ? `&nbsp;${Math.round(progressPercentage)}%` : '';
}
function durationOf(job, nowMs) {
	const startMs = job?.startDate?.getTime() ?? NaN;
	const endMs = job?.endDate?.getTime();
	const ms = (endMs ?? nowMs ?? NaN) - startMs;
	return ms >= 0 ? duration(ms) + (endMs === undefined ? '<br>so far' : '') : '–';
}
function time(date, other) {
	if (date === undefined)
		return '–';
	const [day, clock] = date.toISOString().slice(0, 19).split('T');
	return day === other?.toISOString().split('T')[0] ? `${clock}` : `${day}<br>${clock}`;
}
function importResults(report, jobs, options) {
	const { number, importResults: results, outcome, job } = report;
	if (results === undefined)
		return '';
	const details = [countersTable(results), failedCommandsTable(results, options.errorsFile)].filter(Boolean).join('\n');
	if (jobs === 1)
		return details;
	const name = job?.name ? ` ${prose(job.name, summary_MAX_NAME)}` : '';
	const title = `${SIGNS[outcome]} <b>Job ${number}</b>${name}: ${countsInWords([results]) || 'no counts'}`;
	const open = jobs <= MAX_UNFOLDED ? ' open' : '';
	return `<details${open}><summary>${title}</summary>\n${details}\n</details>`;
}
async function withTimeout({ clock, ms, signal, onTimeout }, work) {
	const done = new AbortController();
	const expired = new AbortController();
	void clock.sleep(Math.max(0, ms), done.signal).then(() => {
		if (!done.signal.aborted)
			expired.abort(onTimeout());
	});
	const either = AbortSignal.any([signal, expired.signal]);
	try {
		return await unlessAborted(work(either), either);
	}
	finally {
		done.abort();
	}
}
function unlessAborted(work, signal) {
	return new Promise((resolve, reject) => {
		const abort = () => reject(signal.reason);
		if (signal.aborted)
			abort();
		signal.addEventListener('abort', abort);
		work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
	});
}
class CollibraError extends Error {
	name = 'CollibraError';
	kind;
	label;
	retryAfterMs;
	isShared;
	facts;
	advice;
	constructor(kind, label, facts, details = {}) {
		super([facts, details.advice].filter(Boolean).join(' '), { cause: details.cause });
		this.kind = kind;
		this.label = label;
		this.facts = facts;
		this.advice = details.advice ?? '';
		this.retryAfterMs = details.retryAfterMs;
		this.isShared = details.isShared ?? false;
	}
	shared() {
		const { kind, label, facts, retryAfterMs, cause, advice } = this;
		return new CollibraError(kind, label, facts, { retryAfterMs, cause, advice, isShared: true });
	}
}
function isNotServed({ kind }) {
	return kind === 'not-found' || kind === 'not-implemented';
}
function isTransient(kind) {
	return kind === 'transient' || kind === 'server-error' || kind === 'not-implemented';
}
const external_node_events_namespaceObject = createRequire(import.meta.url)("node:events");
const external_node_http_namespaceObject = createRequire(import.meta.url)("node:http");
const external_node_https_namespaceObject = createRequire(import.meta.url)("node:https");
const external_node_net_namespaceObject = createRequire(import.meta.url)("node:net");
const external_node_tls_namespaceObject = createRequire(import.meta.url)("node:tls");
class ProxyError extends Error {
	name = 'ProxyError';
	proxy;
	status;
	constructor(proxy, failure) {
		super(`The proxy ${proxy} failed.`, 'cause' in failure ? { cause: failure.cause } : {});
		this.proxy = proxy;
		this.status = 'status' in failure ? failure.status : undefined;
	}
}
class proxy_agent_ProxyAgent extends external_node_https_namespaceObject.Agent {
	#proxy;
	#open = new Set();
	constructor(proxy) {
		super({ keepAlive: true, maxSockets: 1 });
		this.#proxy = proxy;
	}
	createConnection(options, callback) {
		this.#openTunnel(options).then((socket) => callback(null, (0, external_node_tls_namespaceObject.connect)({ ...options, socket })), callback);
	}
	destroy() {
		for (const one of this.#open)
			one.destroy();
		super.destroy();
	}
	async #openTunnel(options) {
		const { socket, status } = await this.#requestTunnel(options).catch((cause) => {
			throw new ProxyError(this.#proxy.host, { cause: cause });
		});
		if (status >= 200 && status <= 299)
			return socket;
		socket.destroy();
		throw new ProxyError(this.#proxy.host, { status });
	}
	async #requestTunnel(options) {
		const request = this.#opened(this.#connect(options));
		const connected = (await (0, external_node_events_namespaceObject.once)(request.end(), 'connect'));
		const [{ statusCode = 0 }, socket, head] = connected;
		return { socket, status: await finalStatus(statusCode, this.#opened(socket), head) };
	}
	#opened(one) {
		this.#open.add(one);
		one.once('close', () => this.#open.delete(one));
		return one;
	}
	#connect({ host, port }) {
		const { protocol, hostname, port: proxyPort, username, password } = this.#proxy;
		const proxyHost = withoutBrackets(hostname);
		const authority = `${(0, external_node_net_namespaceObject.isIPv6)(host ?? '') ? `[${host}]` : host}:${port}`;
		return (protocol === 'https:' ? external_node_https_namespaceObject.request : external_node_http_namespaceObject.request)({
			method: 'CONNECT',
			host: proxyHost,
			port: proxyPort,
			path: authority,
			servername: (0, external_node_net_namespaceObject.isIP)(proxyHost) ? '' : proxyHost,
			headers: {
				host: authority,
				...(username || password ? { 'proxy-authorization': basicAuthorization(username, password) } : {}),
			},
			agent: false,
		});
	}
}
const FINAL_STATUS = /^(?:HTTP\/1\.\d 1\d\d[^]*?\r\n\r\n)*HTTP\/1\.\d ([02-9]\d\d)[^]*?\r\n\r\n/;
async function finalStatus(first, socket, head) {
	if (first < 100 || first > 199)
		return first;
	socket.unshift(head);
	let received = '';
	for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
		received += chunk.toString('latin1');
		const status = FINAL_STATUS.exec(received)?.[1];
		if (status !== undefined)
			return Number(status);
	}
	throw new Error('the proxy closed the connection after an interim response');
}
function withoutBrackets(host) {
	return host.replace(/[[\]]/g, '');
}
const DEFAULT_CONFIG = {
	lang: void 0,
	message: void 0,
	abortEarly: void 0,
	abortPipeEarly: void 0
};
function getGlobalConfig(config$1) {
	return DEFAULT_CONFIG;
}
let store$3;
function getGlobalMessage(lang) {
	return store$3?.get(lang);
}
let store$2;
function getSchemaMessage(lang) {
	return store$2?.get(lang);
}
let store$1;
function getSpecificMessage(reference, lang) {
	return store$1?.get(reference)?.get(lang);
}
function _stringify(input) {
	const type = typeof input;
	if (type === "string") return `"${input}"`;
	if (type === "number" || type === "bigint" || type === "boolean") return `${input}`;
	if (type === "object" || type === "function") return (input && Object.getPrototypeOf(input)?.constructor?.name) ?? "null";
	return type;
}
function _addIssue(context, label, dataset, config$1, other) {
	const input = other && "input" in other ? other.input : dataset.value;
	const expected = other?.expected ?? context.expects ?? null;
	const received = other?.received ?? /* @__PURE__ */ _stringify(input);
	const issue = {
		kind: context.kind,
		type: context.type,
		input,
		expected,
		received,
		message: `Invalid ${label}: ${expected ? `Expected ${expected} but r` : "R"}eceived ${received}`,
		requirement: context.requirement,
		path: other?.path,
		issues: other?.issues,
		lang: config$1.lang,
		abortEarly: config$1.abortEarly,
		abortPipeEarly: config$1.abortPipeEarly
	};
	const isSchema = context.kind === "schema";
	const message$1 = other?.message ?? context.message ?? /* @__PURE__ */ getSpecificMessage(context.reference, issue.lang) ?? (isSchema ? /* @__PURE__ */ getSchemaMessage(issue.lang) : null) ?? config$1.message ?? /* @__PURE__ */ getGlobalMessage(issue.lang);
	if (message$1 !== void 0) issue.message = typeof message$1 === "function" ? message$1(issue) : message$1;
	if (isSchema) dataset.typed = false;
	if (dataset.issues) dataset.issues.push(issue);
	else dataset.issues = [issue];
}
function _standardSchema(schema) {
	schema["~standard"] = {
		version: 1,
		vendor: "valibot",
		validate: (value$1) => schema["~run"]({ value: value$1 }, /* @__PURE__ */ getGlobalConfig())
	};
	return schema;
}
function check(requirement, message$1) {
	return {
		kind: "validation",
		type: "check",
		reference: check,
		async: false,
		expects: null,
		requirement,
		message: message$1,
		"~run"(dataset, config$1) {
			if (dataset.typed && !this.requirement(dataset.value)) _addIssue(this, "input", dataset, config$1);
			return dataset;
		}
	};
}
function getFallback(schema, dataset, config$1) {
	return typeof schema.fallback === "function" ? schema.fallback(dataset, config$1) : schema.fallback;
}
function fallback(schema, fallback$1) {
	return _standardSchema({
		...schema,
		fallback: fallback$1,
		"~run"(dataset, config$1) {
			const outputDataset = schema["~run"](dataset, config$1);
			return outputDataset.issues ? {
				typed: true,
				value: /* @__PURE__ */ getFallback(this, outputDataset, config$1)
			} : outputDataset;
		}
	});
}
function getDefault(schema, dataset, config$1) {
	return typeof schema.default === "function" ? schema.default(dataset, config$1) : schema.default;
}
function array(item, message$1) {
	return _standardSchema({
		kind: "schema",
		type: "array",
		reference: array,
		expects: "Array",
		async: false,
		item,
		message: message$1,
		"~run"(dataset, config$1) {
			const input = dataset.value;
			if (Array.isArray(input)) {
				dataset.typed = true;
				dataset.value = [];
				for (let key = 0; key < input.length; key++) {
					const value$1 = input[key];
					const itemDataset = this.item["~run"]({ value: value$1 }, config$1);
					if (itemDataset.issues) {
						const pathItem = {
							type: "array",
							origin: "value",
							input,
							key,
							value: value$1
						};
						for (const issue of itemDataset.issues) {
							if (issue.path) issue.path.unshift(pathItem);
							else issue.path = [pathItem];
							dataset.issues?.push(issue);
						}
						if (!dataset.issues) dataset.issues = itemDataset.issues;
						if (config$1.abortEarly) {
							dataset.typed = false;
							break;
						}
					}
					if (!itemDataset.typed) dataset.typed = false;
					dataset.value.push(itemDataset.value);
				}
			} else _addIssue(this, "type", dataset, config$1);
			return dataset;
		}
	});
}
function nullish(wrapped, default_) {
	return _standardSchema({
		kind: "schema",
		type: "nullish",
		reference: nullish,
		expects: `(${wrapped.expects} | null | undefined)`,
		async: false,
		wrapped,
		default: default_,
		"~run"(dataset, config$1) {
			if (dataset.value === null || dataset.value === void 0) {
				if (this.default !== void 0) dataset.value = /* @__PURE__ */ getDefault(this, dataset, config$1);
				if (dataset.value === null || dataset.value === void 0) {
					dataset.typed = true;
					return dataset;
				}
			}
			return this.wrapped["~run"](dataset, config$1);
		}
	});
}
function dist_number(message$1) {
	return _standardSchema({
		kind: "schema",
		type: "number",
		reference: dist_number,
		expects: "number",
		async: false,
		message: message$1,
		"~run"(dataset, config$1) {
			if (typeof dataset.value === "number" && !isNaN(dataset.value)) dataset.typed = true;
			else _addIssue(this, "type", dataset, config$1);
			return dataset;
		}
	});
}
function object(entries$1, message$1) {
	return _standardSchema({
		kind: "schema",
		type: "object",
		reference: object,
		expects: "Object",
		async: false,
		entries: entries$1,
		message: message$1,
		"~run"(dataset, config$1) {
			const input = dataset.value;
			if (input && typeof input === "object") {
				dataset.typed = true;
				dataset.value = {};
				for (const key in this.entries) {
					const valueSchema = this.entries[key];
					if (key in input || (valueSchema.type === "exact_optional" || valueSchema.type === "optional" || valueSchema.type === "nullish") && valueSchema.default !== void 0) {
						const value$1 = key in input ? input[key] : /* @__PURE__ */ getDefault(valueSchema);
						const valueDataset = valueSchema["~run"]({ value: value$1 }, config$1);
						if (valueDataset.issues) {
							const pathItem = {
								type: "object",
								origin: "value",
								input,
								key,
								value: value$1
							};
							for (const issue of valueDataset.issues) {
								if (issue.path) issue.path.unshift(pathItem);
								else issue.path = [pathItem];
								dataset.issues?.push(issue);
							}
							if (!dataset.issues) dataset.issues = valueDataset.issues;
							if (config$1.abortEarly) {
								dataset.typed = false;
								break;
							}
						}
						if (!valueDataset.typed) dataset.typed = false;
						dataset.value[key] = valueDataset.value;
					} else if (valueSchema.fallback !== void 0) dataset.value[key] = /* @__PURE__ */ getFallback(valueSchema);
					else if (valueSchema.type !== "exact_optional" && valueSchema.type !== "optional" && valueSchema.type !== "nullish") {
						_addIssue(this, "key", dataset, config$1, {
							input: void 0,
							expected: `"${key}"`,
							path: [{
								type: "object",
								origin: "key",
								input,
								key,
								value: input[key]
							}]
						});
						if (config$1.abortEarly) break;
					}
				}
			} else _addIssue(this, "type", dataset, config$1);
			return dataset;
		}
	});
}
function optional(wrapped, default_) {
	return _standardSchema({
		kind: "schema",
		type: "optional",
		reference: optional,
		expects: `(${wrapped.expects} | undefined)`,
		async: false,
		wrapped,
		default: default_,
		"~run"(dataset, config$1) {
			if (dataset.value === void 0) {
				if (this.default !== void 0) dataset.value = /* @__PURE__ */ getDefault(this, dataset, config$1);
				if (dataset.value === void 0) {
					dataset.typed = true;
					return dataset;
				}
			}
			return this.wrapped["~run"](dataset, config$1);
		}
	});
}
function string(message$1) {
	return _standardSchema({
		kind: "schema",
		type: "string",
		reference: string,
		expects: "string",
		async: false,
		message: message$1,
		"~run"(dataset, config$1) {
			if (typeof dataset.value === "string") dataset.typed = true;
			else _addIssue(this, "type", dataset, config$1);
			return dataset;
		}
	});
}
function unknown() {
	return _standardSchema({
		kind: "schema",
		type: "unknown",
		reference: unknown,
		expects: "unknown",
		async: false,
		"~run"(dataset) {
			dataset.typed = true;
			return dataset;
		}
	});
}
function pipe(...pipe$1) {
	return _standardSchema({
		...pipe$1[0],
		pipe: pipe$1,
		"~run"(dataset, config$1) {
			for (const item of pipe$1) if (item.kind !== "metadata") {
				if (dataset.issues && (item.kind === "schema" || item.kind === "transformation")) {
					dataset.typed = false;
					break;
				}
				if (!dataset.issues || !config$1.abortEarly && !config$1.abortPipeEarly) dataset = item["~run"](dataset, config$1);
			}
			return dataset;
		}
	});
}
function safeParse(schema, input, config$1) {
	const dataset = schema["~run"]({ value: input }, /* @__PURE__ */ getGlobalConfig());
	return {
		typed: dataset.typed,
		success: !dataset.issues,
		output: dataset.value,
		issues: dataset.issues
	};
}
function schema_object(entries) {
	return pipe(unknown(), check((value) => !Array.isArray(value)), object(entries));
}
function lenient(schema) {
	return fallback(optional(schema), undefined);
}
const textOrNumber = pipe(unknown(), check((value) => typeof value === 'string' || typeof value === 'number'));
function schema_parse(schema, json) {
	const result = safeParse(schema, json);
	return result.success ? result.output : undefined;
}
function schema_parseJson(text) {
	try {
		return JSON.parse(text);
	}
	catch {
		return undefined;
	}
}
const QUOTE_LENGTH = 500;
const errorBody = schema_object({
	titleMessage: lenient(string()),
	userMessage: lenient(string()),
	helpMessage: lenient(string()),
	title: lenient(string()),
	detail: lenient(string()),
	error: lenient(string()),
	error_description: lenient(string()),
	message: lenient(string()),
	errorCode: lenient(string()),
});
const HTML_TITLE = /<title[^>]*>([^<]+)</i;
const HTML_HEAD_LENGTH = 10_000;
function serverWords({ body, headers }, redactAndTruncate) {
	const words = wordsOfJson(body, redactAndTruncate);
	if (words !== '' || !looksLikeHtml(body, headers))
		return quote(words || body.trim(), redactAndTruncate);
	const title = HTML_TITLE.exec(body.slice(0, HTML_HEAD_LENGTH))?.[1]?.trim();
	return title ? quote(title, redactAndTruncate) : 'The response is an HTML page.';
}
function wordsOfJson(body, redactAndTruncate) {
	const { errorCode, ...texts } = schema_parse(errorBody, schema_parseJson(body)) ?? {};
	const words = Object.values(texts).map((text) => redactAndTruncate(text?.trim() ?? '', QUOTE_LENGTH).replace(/\.$/, ''));
	const distinct = [...new Set(words.filter(Boolean))].join('. ');
	return [distinct, errorCode ? `(${errorCode})` : ''].filter(Boolean).join(' ');
}
function quote(words, redactAndTruncate) {
	if (words === '')
		return '';
	const text = redactAndTruncate(words, QUOTE_LENGTH);
	return `Server response: ${text}${/[.!?…]$/.test(text) ? '' : '.'}`;
}
function looksLikeHtml(body, headers) {
	return (headers['content-type'] ?? '').includes('html') || /^\s*<(!doctype|html)/i.test(body);
}
const KIND_OF_STATUS = {
	400: 'bad-request',
	401: 'unauthorized',
	404: 'not-found',
	405: 'not-found',
	408: 'transient',
	410: 'not-found',
	425: 'transient',
	429: 'transient',
	500: 'server-error',
	501: 'not-implemented',
};
const NOT_TRUSTED = 'If a private certificate authority issued it, set NODE_EXTRA_CA_CERTS to the path of its certificate.';
const CONNECTION_ERRORS = [
	{
		codes: /^CERT_HAS_EXPIRED$/,
		kind: 'permanent',
		label: 'expired certificate',
		advice: "Renew the certificate, or check the runner's clock.",
	},
	{
		codes: /^CERT_NOT_YET_VALID$/,
		kind: 'permanent',
		label: 'certificate that is not valid yet',
		advice: "Check the runner's clock, or replace the certificate.",
	},
	{
		codes: /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
		kind: 'permanent',
		label: 'certificate for another host name',
		advice: 'Use the host name that the certificate was issued for.',
	},
	{
		codes: /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|ERR_TLS_CERT_|INVALID_CA|INVALID_PURPOSE|CRL_)/,
		kind: 'permanent',
		label: 'untrusted certificate',
		advice: NOT_TRUSTED,
	},
	{
		codes: /^(wrong version number|packet length too long)$/,
		kind: 'permanent',
		label: 'no TLS on this port',
		advice: 'The server does not use https on this port. Check the port in the URL.',
	},
	{
		codes: /handshake.failure/i,
		kind: 'permanent',
		label: 'TLS handshake rejected',
		advice: 'The server supports no TLS version or cipher of Node.js, or asks for a client certificate, which this action does not support. Change the TLS settings of the server, or use another address.',
	},
	{
		codes: /(protocol.version|unsupported.protocol|no.protocols.available|no.shared.cipher)/i,
		kind: 'permanent',
		label: 'no common TLS version',
		advice: 'The server and Node.js support no common TLS version or cipher. Update the TLS settings of the server.',
	},
	{
		codes: /(certificate.required|bad.certificate)/i,
		kind: 'permanent',
		label: 'client certificate required',
		advice: 'The server asks for a client certificate, which this action does not support. Use an address without it.',
	},
	{
		codes: /HPE_HEADER_OVERFLOW/,
		kind: 'permanent',
		label: 'response headers that are too large',
		advice: 'A gateway probably sends too many cookies or headers. Reduce them, or use another address.',
	},
	{
		codes: /HPE_/,
		kind: 'permanent',
		label: 'a response that is not HTTP',
		advice: 'Check the host and the port in the URL.',
	},
	{
		codes: /^(Z_|ERR_BUFFER_TOO_LARGE|ERR_BROTLI|ERR_CONTENT_ENCODING)/,
		kind: 'transient',
		label: 'unreadable encoding',
		advice: '',
	},
	{ codes: /^ECONNREFUSED$/, kind: 'transient', label: 'connection refused', advice: '' },
	{ codes: /^(ECONNRESET|EPIPE)$/, kind: 'transient', label: 'connection reset', advice: '' },
	{ codes: /^ECONNABORTED$/, kind: 'transient', label: 'connection aborted', advice: '' },
	{ codes: /^ENOTFOUND$/, kind: 'transient', label: 'host name not found', advice: '' },
	{ codes: /^EAI_AGAIN$/, kind: 'transient', label: 'host name lookup failed', advice: '' },
	{ codes: /^ETIMEDOUT$/, kind: 'transient', label: 'connection timed out', advice: '' },
	{ codes: /^EHOSTUNREACH$/, kind: 'transient', label: 'host unreachable', advice: '' },
	{ codes: /^ENETUNREACH$/, kind: 'transient', label: 'network unreachable', advice: '' },
];
const CONNECTION_FAILED = { kind: 'transient', label: 'connection failed', advice: '' };
const OPENSSL_REASON = /:SSL routines:[^:]*:([^:]+):/;
function isSuccessful({ status }) {
	return status >= 200 && status <= 299;
}
function isRejection({ status }) {
	return status === 401 || status === 403;
}
function isUnauthorized({ status }) {
	return kindOfStatus(status) === 'unauthorized';
}
function isRateLimited({ status, headers }) {
	return status === 429 || (status === 503 && headers['retry-after'] !== undefined);
}
function kindOfStatus(status) {
	return KIND_OF_STATUS[status] ?? (status >= 500 ? 'transient' : 'permanent');
}
function errorFromResponse(response, where, nowMs, redactAndTruncate, advice = adviceFor(response, redactAndTruncate)) {
	const { status, headers } = response;
	const label = `HTTP ${status}`;
	const kind = kindOfStatus(status);
	const facts = [`${label} from ${where}.`, serverWords(response, redactAndTruncate)].filter(Boolean).join(' ');
	const retryAfterMs = isTransient(kind) ? retryAfter(headers, nowMs) : undefined;
	return new CollibraError(kind, label, facts, { retryAfterMs, advice });
}
function noResponse(where, ms, details) {
	const facts = `No response from ${where} within ${duration(ms)}.`;
	return new CollibraError('transient', 'no response in time', facts, details);
}
function errorFromConnection(cause, where) {
	if (cause instanceof ProxyError)
		return errorFromProxy(cause, where);
	const { code = '', message } = cause;
	const reason = OPENSSL_REASON.exec(message)?.[1];
	const { kind, label, advice } = CONNECTION_ERRORS.find(({ codes }) => codes.test(reason ?? code)) ?? CONNECTION_FAILED;
	const details = [code, reason ?? message].filter(Boolean).join(': ');
	return new CollibraError(kind, label, `Could not connect to ${where}: ${label} (${details}).`, {
		cause,
		advice,
		isShared: kind === 'permanent',
	});
}
function errorFromProxy(error, where) {
	const { status, proxy, cause } = error;
	if (status === undefined)
		return errorFromConnection(cause, `the proxy ${proxy}`);
	const label = `HTTP ${status} from the proxy`;
	const kind = isTransient(kindOfStatus(status)) ? 'transient' : 'permanent';
	return new CollibraError(kind, label, proxyMessage(status, kind, where), { cause: error, isShared: true });
}
function proxyMessage(status, kind, where) {
	if (status === 407 || status === 401)
		return `The proxy rejected its credentials (HTTP ${status}) for ${where}. Check the user name and password in the proxy variable.`;
	const rejected = `The proxy refused the connection (HTTP ${status}) to ${where}.`;
	return kind === 'transient'
		? rejected
		: `${rejected} Allow the runner to connect to this host, or add the host to no_proxy.`;
}
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d( GMT| \d{4})$/;
function retryAfter(headers, nowMs) {
	const value = headers['retry-after']?.trim() ?? '';
	if (/^\d+(\.\d+)?$/.test(value))
		return Math.ceil(Number(value)) * 1000;
	const until = HTTP_DATE.test(value) ? Date.parse(value.replace(/( GMT)?$/, ' GMT')) : NaN;
	const now = Date.parse(headers.date ?? '') || nowMs;
	return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}
function adviceFor({ status, headers }, redactAndTruncate) {
	if (status >= 300 && status <= 399) {
		const { location } = headers;
		const target = location === undefined ? '' : ` to ${redactAndTruncate(location, QUOTE_LENGTH)}`;
		return `The server redirected the request${target}. Redirects are not followed, to protect credentials. Set url to Collibra's own address.`;
	}
	if (status === 403)
		return 'Access denied. Unless the server gives another reason, give the user permission to view the job, or use the user that submitted it.';
	const kind = kindOfStatus(status);
	if (kind === 'not-found')
		return 'Check url and the job ID.';
	if (kind === 'bad-request' || kind === 'permanent')
		return 'Check that url is the address of Collibra and that no gateway changes the request.';
	return '';
}
const ENDPOINT = "GitHub's OIDC endpoint";
const idToken = { what: 'an OIDC token', schema: schema_object({ value: string() }) };
async function requestIdToken({ requestUrl, requestToken, audience }, requests, signal, onSecret) {
	const [address = '', query] = requestUrl.split('?');
	for (const secret of [requestToken, requestUrl, address])
		onSecret(secret);
	const url = `${requestUrl}${query === undefined ? '?' : '&'}audience=${formEncoded(audience).replaceAll('+', '%20')}`;
	const headers = { accept: 'application/json', authorization: `Bearer ${requestToken}` };
	const request = { method: 'GET', url, shownAs: ENDPOINT, headers };
	const response = await requests.send(request, { signal, goesFirst: true });
	if (!isSuccessful(response)) {
		const { kind, label, facts, retryAfterMs } = requests.error(response, ENDPOINT, '');
		const advice = isTransient(kind) ? '' : 'Check oidc-audience, and the permission id-token: write.';
		const details = { retryAfterMs, advice };
		throw new CollibraError(advice ? 'unauthorized' : 'transient', `${label} from ${ENDPOINT}`, facts, details);
	}
	const { value } = requests.json(response, ENDPOINT, idToken).value;
	if (value === '')
		throw new CollibraError('transient', 'no OIDC token', `${ENDPOINT} returned no token.`);
	onSecret(value);
	return value;
}
const OWN_FIELDS = [
	'grant_type',
	'scope',
	'client_id',
	'client_secret',
	'client_assertion_type',
	'client_assertion',
];
const RENEW_BEFORE_MS = 30_000;
const tokenResponse = {
	what: 'an access token',
	schema: schema_object({
		access_token: string(),
		token_type: fallback(string(), ''),
		expires_in: lenient(textOrNumber),
	}),
};
const tokenError = schema_object({ error: string() });
const OAUTH_ERROR = /^[a-z_]+$/;
const TRANSIENT_OAUTH_ERRORS = new Set(['temporarily_unavailable', 'server_error', 'slow_down']);
const CLIENT_ERROR = /^(invalid_client|unauthorized_client|invalid_request)$/;
const NEVER = new AbortController().signal;
async function requestToken(settings, requests, clock, onSecret) {
	const { tokenUrl, scope, parameters } = settings;
	let sentAt = NaN;
	const makeBody = async () => {
		const client = await clientFields(settings, requests, onSecret);
		sentAt = clock.now();
		const own = [['grant_type', 'client_credentials']];
		if (scope !== undefined)
			own.push(['scope', scope]);
		return new URLSearchParams([...own, ...client, ...parameters]).toString();
	};
	const request = { method: 'POST', url: tokenUrl, headers: headersOf(settings, onSecret) };
	const response = await requests.send(request, { signal: NEVER, makeBody, goesFirst: true });
	if (!isSuccessful(response))
		throw rejection(response, settings, requests);
	const token = requests.json(response, tokenUrl, tokenResponse).value;
	const lifetimeMs = Number(token.expires_in) > 0 ? Number(token.expires_in) * 1000 : Infinity;
	return {
		authorization: `Bearer ${bearerOf(token, tokenUrl, requests, onSecret)}`,
		issuedAt: clock.now(),
		renewAt: sentAt + Math.max(lifetimeMs - RENEW_BEFORE_MS, lifetimeMs / 2),
		expiresAt: sentAt + lifetimeMs,
	};
}
function headersOf({ clientId, authentication }, onSecret) {
	const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
	if (authentication.method !== 'client_secret_basic')
		return headers;
	const authorization = basicAuthorization(formEncoded(clientId), formEncoded(authentication.clientSecret));
	onSecret(authorization.replace('Basic ', ''));
	return { ...headers, authorization };
}
async function clientFields({ clientId, authentication }, requests, onSecret) {
	const id = ['client_id', clientId];
	if (authentication.method === 'github_oidc') {
		const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
		const assertion = await requestIdToken(authentication.oidc, requests, NEVER, onSecret);
		return [id, ['client_assertion_type', type], ['client_assertion', assertion]];
	}
	const { method, clientSecret } = authentication;
	onSecret(formEncoded(clientSecret));
	return method === 'client_secret_post' ? [id, ['client_secret', clientSecret]] : [];
}
function bearerOf({ access_token: token, token_type: type }, tokenUrl, requests, onSecret) {
	if (!BEARER_TOKEN.test(token))
		throw unusable(tokenUrl, 'invalid token', 'returned a token that cannot be sent in a header');
	onSecret(token);
	if (type === '' || type.toLowerCase() === 'bearer')
		return token;
	const shown = requests.redactAndTruncate(type, 100);
	const what = `issues tokens of the type ${shown}, but only bearer tokens are supported`;
	throw unusable(tokenUrl, 'unsupported token type', what);
}
function rejection(response, { tokenUrl, authentication }, requests) {
	const { kind, label, facts, retryAfterMs } = requests.error(response, tokenUrl, '');
	const tokenLabel = `${label} from the token endpoint`;
	const { error = '' } = schema_parse(tokenError, schema_parseJson(response.body)) ?? {};
	const isOAuthError = OAUTH_ERROR.test(error) && !TRANSIENT_OAUTH_ERRORS.has(error);
	if (!isOAuthError || isTransient(kind) || kind === 'not-found')
		return new CollibraError('transient', tokenLabel, facts, { retryAfterMs });
	const words = serverWords(response, requests.redactAndTruncate);
	const rejected = `The token endpoint ${tokenUrl} issued no access token (${label}). ${words}`;
	const advice = token_endpoint_adviceOn(error, words, authentication.method);
	return new CollibraError('unauthorized', tokenLabel, rejected, { advice });
}
function token_endpoint_adviceOn(error, words, method) {
	const isOidc = method === 'github_oidc';
	const other = method === 'client_secret_basic' ? 'client_secret_post' : 'client_secret_basic';
	const perhaps = CLIENT_ERROR.test(error) ? ` Perhaps the provider requires ${other}.` : '';
	const then = isOidc ? ' Check that the provider accepts the OIDC tokens of this workflow job.' : perhaps;
	const parameters = (isOidc ? /resource|invalid_target/i : /audience|resource|invalid_target/i).test(words)
		? ' If the provider requires an audience or a resource, set it in token-parameters.'
		: '';
	const inputs = `client-id, ${isOidc ? 'oidc-audience' : 'client-secret'}, scope and token-url`;
	return `Check ${inputs}. The client-auth-method was ${method}.${then}${parameters}`;
}
function unusable(tokenUrl, label, what) {
	const facts = `The token endpoint ${tokenUrl} ${what}.`;
	return new CollibraError('unauthorized', label, facts, { advice: 'Check token-url.' });
}
function tokenUrlsOf(settings) {
	if (settings.kind !== 'client')
		return [];
	const { tokenUrl, authentication } = settings;
	return authentication.method === 'github_oidc' ? [tokenUrl, authentication.oidc.requestUrl] : [tokenUrl];
}
function credentialsOf(settings, requests, clock, onSecret) {
	switch (settings.kind) {
		case 'bearer':
			return fixed('Check token: it may have expired or belong to another environment.', `Bearer ${settings.token}`);
		case 'basic': {
			const authorization = basicAuthorization(settings.username, settings.password);
			onSecret(authorization.replace('Basic ', ''));
			return fixed('Check username and password.', authorization);
		}
		case 'client':
			return new ClientCredentials(settings, () => requestToken(settings, requests, clock, onSecret), clock);
	}
}
function fixed(advice, authorization) {
	return {
		advice,
		authorization: () => Promise.resolve(authorization),
		onAccepted: () => undefined,
		onRejected: () => undefined,
	};
}
const PROPAGATION_MS = 5_000;
const PROPAGATION_DELAY_MS = 1_000;
const RENEWAL_RETRY_MS = 10_000;
class ClientCredentials {
	advice;
	#tokenUrl;
	#requestToken;
	#clock;
	#token;
	#hasWorked = false;
	#isReplacement = false;
	#pending;
	#renewAt = Infinity;
	constructor({ tokenUrl, authentication }, requestToken, clock) {
		const inputs = authentication.method === 'github_oidc' ? 'client-id and token-url' : 'client-id and client-secret';
		this.advice = `Check ${inputs}: Collibra rejects an access token that was just issued for them.`;
		this.#tokenUrl = tokenUrl;
		this.#requestToken = requestToken;
		this.#clock = clock;
	}
	async authorization({ signal, timeoutMs }) {
		const token = this.#token;
		const now = this.#clock.now();
		if (token !== undefined && now < token.expiresAt) {
			if (now >= this.#renewAt)
				void this.#renew().catch(() => (this.#renewAt = this.#clock.now() + RENEWAL_RETRY_MS));
			return token.authorization;
		}
		const renewed = this.#renew();
		if (timeoutMs === undefined)
			return (await unlessAborted(renewed, signal)).authorization;
		const onTimeout = () => noResponse(this.#tokenUrl, timeoutMs, { isShared: true });
		const timeout = { clock: this.#clock, ms: timeoutMs, signal, onTimeout };
		return (await withTimeout(timeout, () => renewed)).authorization;
	}
	onAccepted(authorization) {
		if (authorization !== this.#token?.authorization)
			return;
		this.#hasWorked = true;
		this.#isReplacement = false;
	}
	onRejected(authorization, isUnauthorized) {
		const token = this.#token;
		if (token?.authorization !== authorization)
			return 0;
		const isNew = this.#clock.now() < token.issuedAt + PROPAGATION_MS;
		if (isUnauthorized && isNew && !this.#hasWorked)
			return PROPAGATION_DELAY_MS;
		if (this.#isReplacement || (!isUnauthorized && !this.#hasWorked))
			return undefined;
		this.#token = undefined;
		this.#isReplacement = true;
		return 0;
	}
	#renew() {
		this.#pending ??= this.#requestToken()
			.then((token) => {
			this.#token = token;
			this.#renewAt = token.renewAt;
			this.#hasWorked = false;
			return token;
		})
			.catch((error) => {
			throw error instanceof CollibraError ? error.shared() : error;
		})
			.finally(() => (this.#pending = undefined));
		return this.#pending;
	}
}
function proxyOf(address) {
	return getProxyUrl(new URL(address));
}
function proxyProblem(address) {
	const { env } = process;
	const url = new URL(address);
	const lower = `${url.protocol.slice(0, -1)}_proxy`;
	const name = env[lower] ? lower : lower.toUpperCase();
	if (!env[name] || checkBypass(url))
		return undefined;
	if (isUsable(url))
		return undefined;
	return `The proxy variable ${name} is not a URL such as http://proxy.example:8080, so it would be ignored. Correct it, or add ${url.hostname} to no_proxy.`;
}
function isUsable(url) {
	try {
		const proxy = getProxyUrl(url);
		return Boolean(proxy?.hostname) && /^https?:/.test(proxy?.protocol ?? '');
	}
	catch {
		return false;
	}
}
const external_node_zlib_namespaceObject = createRequire(import.meta.url)("node:zlib");
function alwaysCheckCertificates() {
	const isDisabled = process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0';
	delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
	return isDisabled;
}
(0, external_node_net_namespaceObject.setDefaultAutoSelectFamilyAttemptTimeout)(2_000);
const MAX_BODY_BYTES = 32 * 1024 * 1024;
const MAX_IDLE_MS = 30_000;
const LONGEST_REQUEST_MS = 120_000;
const SOCKET_TIMEOUT_MS = LONGEST_REQUEST_MS + 30_000;
class StaleConnectionError extends Error {
}
const RESET_CODES = new Set(['ECONNRESET', 'EPIPE']);
class SingleConnectionClient {
	#client;
	#agents = new Map();
	#sockets = new Map();
	idleSince = 0;
	constructor(userAgent) {
		this.#client = new lib_HttpClient(userAgent, [], { socketTimeout: SOCKET_TIMEOUT_MS });
	}
	async send({ method, url, headers, body, isCommand }) {
		const parsedUrl = new URL(url);
		const { origin, hostname, protocol, port, pathname, search } = parsedUrl;
		const options = {
			method,
			host: withoutBrackets(hostname),
			port: port || (protocol === 'https:' ? 443 : 80),
			path: pathname + search,
			headers: { 'user-agent': this.#client.userAgent, 'accept-encoding': 'identity', ...headers },
			agent: this.#agentOf(parsedUrl),
		};
		const httpModule = { request: protocol === 'https:' ? external_node_https_namespaceObject.request : external_node_http_namespaceObject.request };
		const isStale = staleCheck(this.#sockets.get(origin));
		const sent = this.#client.requestRaw({ options, parsedUrl, httpModule }, body ?? null);
		const { message } = await sent.catch((error) => {
			throw !isCommand && isStale(error) ? new StaleConnectionError() : error;
		});
		this.#sockets.set(origin, message.socket);
		return { status: message.statusCode ?? 0, headers: message.headers, body: await readBody(message) };
	}
	#agentOf({ href, protocol }) {
		const proxy = proxyOf(href);
		const key = proxy?.href ?? protocol;
		const options = { keepAlive: true, maxSockets: 1 };
		const create = () => {
			if (proxy !== undefined)
				return new proxy_agent_ProxyAgent(proxy);
			return protocol === 'https:' ? new external_node_https_namespaceObject.Agent(options) : new external_node_http_namespaceObject.Agent(options);
		};
		const agent = this.#agents.get(key) ?? create();
		this.#agents.set(key, agent);
		return agent;
	}
	dispose() {
		for (const agent of this.#agents.values())
			agent.destroy();
	}
}
function staleCheck(kept) {
	if (!kept?.writable)
		return () => false;
	const { bytesRead } = kept;
	return (error) => RESET_CODES.has(error.code ?? '') && kept.bytesRead === bytesRead;
}
class HttpTransport {
	#free = [];
	#userAgent;
	#clock;
	constructor(userAgent, clock) {
		this.#userAgent = userAgent;
		this.#clock = clock;
	}
	async send(request, signal) {
		try {
			return await this.#sendWith(this.#takeClient(), request, signal);
		}
		catch (error) {
			if (!(error instanceof StaleConnectionError))
				throw error;
			return this.#sendWith(new SingleConnectionClient(this.#userAgent), request, signal);
		}
	}
	async #sendWith(client, request, signal) {
		let isComplete = false;
		try {
			signal.throwIfAborted();
			const response = await unlessAborted(client.send(request), signal);
			isComplete = true;
			return response;
		}
		finally {
			if (isComplete)
				this.#putBack(client);
			else
				client.dispose();
		}
	}
	#takeClient() {
		const client = this.#free.pop();
		if (client && this.#clock.now() - client.idleSince <= MAX_IDLE_MS)
			return client;
		client?.dispose();
		return new SingleConnectionClient(this.#userAgent);
	}
	#putBack(client) {
		client.idleSince = this.#clock.now();
		this.#free.push(client);
	}
}
async function readBody(message) {
	const chunks = [];
	let bytes = 0;
	for await (const chunk of message) {
		bytes += chunk.length;
		if (bytes > MAX_BODY_BYTES)
			throw new Error(`the response is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB`);
		chunks.push(chunk);
	}
	const encoding = message.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
	return new TextDecoder().decode(decoded(Buffer.concat(chunks), encoding));
}
function decoded(body, encoding) {
	if (encoding === 'identity' || encoding === '' || body.length === 0)
		return body;
	const limit = { maxOutputLength: MAX_BODY_BYTES };
	switch (encoding) {
		case 'gzip':
		case 'x-gzip':
			return (0, external_node_zlib_namespaceObject.gunzipSync)(body, limit);
		case 'deflate':
			return (Number(body[0]) & 0x0f) === 8 ? (0, external_node_zlib_namespaceObject.inflateSync)(body, limit) : (0, external_node_zlib_namespaceObject.inflateRawSync)(body, limit);
		case 'br':
			return (0, external_node_zlib_namespaceObject.brotliDecompressSync)(body, limit);
		default:
			throw Object.assign(new Error(`"${encoding}" is unknown`), { code: 'ERR_CONTENT_ENCODING' });
	}
}
const JOBS_PATH = {
	'jobs-v1': '/rest/jobs/v1/jobs',
	'core-2.0': '/rest/2.0/jobs',
};
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
function isUuid(text) {
	return UUID.test(text);
}
const job_response_date = lenient(textOrNumber);
const jobResponse = schema_object({
	id: string(),
	state: nullish(string(), ''),
	result: nullish(string(), ''),
	name: lenient(string()),
	type: lenient(string()),
	user: lenient(string()),
	userId: lenient(string()),
	message: lenient(unknown()),
	progressPercentage: lenient(dist_number()),
	createdOn: job_response_date,
	startDate: job_response_date,
	endDate: job_response_date,
});
function jobOf(response) {
	const optional = Object.entries({
		name: response.name,
		type: response.type,
		user: (response.user ?? response.userId)?.toLowerCase(),
		progressPercentage: response.progressPercentage,
		createdOn: dateOf(response.createdOn),
		startDate: dateOf(response.startDate),
		endDate: dateOf(response.endDate),
	}).filter(([, value]) => value !== undefined);
	return {
		...Object.fromEntries(optional),
		id: response.id.toLowerCase(),
		state: response.state,
		result: response.result,
		message: textOf(response.message),
	};
}
function textOf(message) {
	if (message === undefined || message === null)
		return '';
	return typeof message === 'string' ? message : JSON.stringify(message);
}
const SECONDS_BELOW = 1e11;
const EPOCH = /^\d+$/;
const WITHOUT_OFFSET = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;
function dateOf(value) {
	if (value === undefined)
		return undefined;
	const date = new Date(typeof value === 'number' || EPOCH.test(value)
		? epochMs(Number(value))
		: WITHOUT_OFFSET.test(value)
			? `${value}Z`
			: value);
	return date.getTime() > 0 ? date : undefined;
}
function epochMs(value) {
	return value < SECONDS_BELOW ? value * 1000 : value;
}
const MAX_PAGES = 50;
const pageResponse = {
	what: 'a page of jobs',
	schema: schema_object({ results: array(jobResponse), nextCursor: nullish(string(), ''), total: lenient(dist_number()) }),
};
const NAMES = {
	'jobs-v1': { position: 'cursor' },
	'core-2.0': { position: 'offset', pageSize: 'limit', type: 'types', user: 'createdBy' },
};
async function* findJobs(client, api, filters, limits) {
	const path = JOBS_PATH[api];
	const listed = new Set();
	const positions = new Set();
	let position = '';
	for (let pages = 0; pages < MAX_PAGES; pages++) {
		const query = queryOf(NAMES[api], { ...filters, position });
		const { value: page, serverTime } = await client.get(path, pageResponse, { ...limits, query });
		const jobs = page.results.map(jobOf).filter(({ id }) => !listed.has(id));
		for (const { id } of jobs)
			listed.add(id);
		yield { jobs, serverTime };
		const isRepeated = jobs.length === 0 && page.results.length > 0;
		position = api === 'jobs-v1' ? page.nextCursor : nextOffset(page, Number(position), isRepeated);
		if (position === '')
			return;
		if (isRepeated || positions.has(position))
			throw endless(path, 'the same page twice');
		positions.add(position);
	}
	throw endless(path, `more than ${MAX_PAGES} pages`);
}
function nextOffset({ results, total = 0 }, offset, isRepeated) {
	const end = offset + results.length;
	const isLast = results.length === 0 || (total > 0 ? end >= total : isRepeated);
	return isLast ? '' : String(end);
}
function endless(path, what) {
	return new CollibraError('transient', 'endless pages', `${path} returned ${what}.`);
}
function queryOf(names, parameters) {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(parameters))
		if (value)
			query.set(names[name] ?? name, String(value));
	return query;
}
const oneJob = { what: 'a job', schema: jobResponse };
const MAX_DELETE_MESSAGE = 128;
class Jobs {
	#client;
	#fixedApi;
	#apiOf;
	#onJob;
	#findApis;
	constructor(client, api, { apis, onJob } = {}) {
		this.#client = client;
		this.#fixedApi = api === 'auto' ? undefined : api;
		this.#apiOf = new Map(apis);
		this.#onJob = onJob;
		this.#findApis = api === 'auto' ? ['jobs-v1', 'core-2.0'] : [api];
	}
	async get(id, limits) {
		const api = this.#fixedApi ?? this.#apiOf.get(id);
		if (api !== undefined)
			return this.#getFrom(api, id, limits);
		const v1 = await this.#tryFrom('jobs-v1', id, limits);
		if (!(v1 instanceof CollibraError))
			return v1;
		if (v1.isShared)
			throw v1;
		const core = await this.#tryFrom('core-2.0', id, { ...limits, goesFirst: true });
		if (!(core instanceof CollibraError))
			return core;
		throw this.#bothFailed(v1, core);
	}
	async #tryFrom(api, id, limits) {
		try {
			const job = await this.#getFrom(api, id, limits);
			this.#apiOf.set(id, api);
			return job;
		}
		catch (error) {
			if (error instanceof CollibraError && !limits.signal.aborted)
				return error;
			throw error;
		}
	}
	#bothFailed(v1, core) {
		const errors = [v1, core];
		const decisive = errors.find(({ kind }) => isTransient(kind) && kind !== 'not-implemented') ??
			errors.find((error) => this.#isRejection(error)) ??
			errors.find(isNotServed) ??
			v1;
		const { label, retryAfterMs } = decisive;
		const facts = `Neither job API returned the job. Job API: ${v1.facts} Core REST API: ${core.facts}`;
		if (!isNotServed(decisive))
			return new CollibraError(decisive.kind, label, facts, { retryAfterMs, advice: decisive.advice });
		return new CollibraError('not-found', label, facts, { advice: 'Check url and the job ID.' });
	}
	#isRejection({ kind }) {
		return kind === 'unauthorized' && ![...this.#apiOf.values()].includes('jobs-v1');
	}
	async #getFrom(api, id, limits) {
		const path = `${JOBS_PATH[api]}/${id}`;
		const found = jobOf((await this.#client.get(path, oneJob, limits)).value);
		if (found.id !== id)
			throw new CollibraError('transient', 'another job', `${path} returned another job (${found.id}).`);
		this.#onJob?.(found, api);
		return found;
	}
	async *find(filters, limits) {
		let first;
		for (const api of this.#findApis) {
			try {
				for await (const page of findJobs(this.#client, api, filters, limits)) {
					this.#findApis = [api];
					yield page;
				}
				return;
			}
			catch (error) {
				if (!(error instanceof CollibraError))
					throw error;
				if (!isNotServed(error) || api === this.#findApis.at(-1))
					throw cannotFind(error, first);
				first = error;
			}
		}
	}
	async delete(id, message, limits) {
		const api = this.#fixedApi ?? this.#apiOf.get(id) ?? 'jobs-v1';
		const path = `${JOBS_PATH[api]}/${id}`;
		if (api === 'jobs-v1') {
			const query = new URLSearchParams({ message });
			await this.#client.command('DELETE', path, { ...limits, query });
		}
		else {
			await this.#client.command('POST', `${path}/canceled`, { ...limits, body: { message } });
		}
	}
}
function cannotFind(error, first) {
	const { kind, label, facts } = error;
	const all = first === undefined ? facts : `${first.facts} ${facts}`;
	if (!isNotServed(error))
		return new CollibraError(kind, label, all, error);
	const needed = 'job-name requires the Find jobs API of Collibra, which this environment does not provide.';
	return new CollibraError('permanent', label, `${needed} Use job-id instead. ${all}`, { cause: error });
}
const DEFAULTS = {
	'job-name-match': 'exact',
	'lookback-minutes': '60',
	'job-api': 'auto',
	'client-auth-method': 'client_secret_basic',
	'timeout-minutes': '60',
	'min-interval-seconds': '1',
	'max-interval-seconds': '60',
	'max-outage-minutes': '10',
	'on-timeout': 'leave',
	'on-cancel': 'leave',
	'import-results': 'true',
};
const SECRET_INPUTS = ['token', 'password', 'client-secret'];
const reader_QUOTE_LENGTH = 100;
class Inputs {
	#read;
	#errors;
	constructor(read, errors) {
		this.#read = read;
		this.#errors = errors;
	}
	error(message) {
		this.#errors.push(message);
	}
	given(name) {
		return this.#read(name).trim() || undefined;
	}
	secret(name) {
		return this.#read(name).replace(/[\r\n]+$/, '') || undefined;
	}
	choice(name, allowed) {
		return this.oneOf(name, allowed) ?? allowed[0];
	}
	oneOf(name, allowed) {
		const value = this.given(name) ?? DEFAULTS[name];
		const chosen = allowed.find((one) => one === value.toLowerCase());
		if (chosen === undefined)
			this.error(`${name}: ${quoted(value)} is not supported. Supported values: ${allowed.join(', ')}.`);
		return chosen;
	}
	decimal(name, isValid, expected) {
		const value = this.given(name) ?? DEFAULTS[name];
		const n = /^(\d+(\.\d*)?|\.\d+)$/.test(value) ? Number(value) : NaN;
		if (!isValid(n))
			this.error(`${name}: must be ${expected}, but is ${quoted(value)}.`);
		return n;
	}
}
function quoted(value) {
	return JSON.stringify(shorten(value, reader_QUOTE_LENGTH));
}
function readHttpsUrl(inputs, name, value) {
	const url = URL.parse(value);
	const problem = url === null ? 'is not a URL. Start it with https://.' : urlProblem(url, value);
	if (problem !== undefined)
		inputs.error(`${name}: ${quoted(withoutUserInfo(value))} ${problem}`);
	return url === null ? '' : url.origin + url.pathname;
}
function urlProblem(url, value) {
	if (url.username || url.password)
		return 'contains credentials. Use the credential inputs instead.';
	if (/[?#]/.test(value))
		return 'must not contain a query string or a fragment.';
	if (isSecure(url))
		return undefined;
	return url.protocol === 'http:'
		? 'must use https, because http sends credentials unencrypted.'
		: 'must be an https URL.';
}
function isSecure(url) {
	return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}
function isLoopback(hostname) {
	return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
function withoutUserInfo(value) {
	return value.replace(/.*@/s, '***@');
}
const TOKEN_PATH = '/rest/oauth/v2/token';
const GROUPS = 'token, username with password, or client-id with client-secret';
const CLIENT_AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'github_oidc'];
const CLIENT_INPUTS = ['token-url', 'scope', 'token-parameters', 'oidc-audience'];
const PAIRS = [
	['password', 'username'],
	['username', 'password'],
	['client-id', 'client-secret'],
];
const FIELD = /^([\w.-]+)\s*=\s*(.*)$/;
function readCredentials(inputs, url, env) {
	const token = inputs.secret('token')?.trim() || undefined;
	const username = inputs.given('username');
	const password = inputs.secret('password');
	const clientId = inputs.given('client-id');
	const clientSecret = inputs.secret('client-secret');
	const method = inputs.oneOf('client-auth-method', CLIENT_AUTH_METHODS);
	checkGroups(inputs, [token, username ?? password, clientId ?? clientSecret], method);
	const pairs = { username, password, 'client-id': clientId, 'client-secret': clientSecret };
	for (const [one, other] of PAIRS) {
		if (pairs[one] === undefined && pairs[other] !== undefined)
			inputs.error(`${one}: is missing. ${other} requires it.`);
	}
	if (token !== undefined && !BEARER_TOKEN.test(token)) {
		inputs.error('token: contains invalid characters. Set only the token, without "Bearer" or quotes. (The value is hidden.)');
	}
	if (username?.includes(':'))
		inputs.error('username: contains a colon, which Basic authentication does not allow. Set the password in its own input. (The value is hidden.)');
	if (clientId !== undefined)
		return readClient(inputs, { clientId, clientSecret, method }, url, env);
	if (token !== undefined)
		return { kind: 'bearer', token };
	return { kind: 'basic', username: username ?? '', password: password ?? '' };
}
function checkGroups(inputs, groups, method) {
	const found = groups.filter((input) => input !== undefined).length;
	const forClient = CLIENT_INPUTS.filter((name) => inputs.given(name) !== undefined);
	const needsClient = method === 'github_oidc' ? 'client-auth-method github_oidc' : forClient[0];
	if (found === 0 && needsClient !== undefined)
		inputs.error(`client-id: is missing. ${needsClient} requires it.`);
	else if (found !== 1)
		inputs.error(`Set exactly one authentication method (found ${found}): ${GROUPS}.`);
	else if (groups.at(-1) === undefined)
		for (const name of forClient)
			inputs.error(`${name}: has no effect without client-id. Remove it.`);
}
function readClient(inputs, client, url, env) {
	const given = inputs.given('token-url');
	const tokenUrl = given === undefined ? url + TOKEN_PATH : readHttpsUrl(inputs, 'token-url', given);
	return {
		kind: 'client',
		clientId: client.clientId,
		authentication: readAuthentication(inputs, client, tokenUrl, env),
		tokenUrl,
		scope: inputs.given('scope'),
		parameters: readParameters(inputs),
	};
}
function readAuthentication(inputs, { clientSecret, method }, tokenUrl, env) {
	const audience = inputs.given('oidc-audience');
	if (method === 'github_oidc') {
		if (clientSecret !== undefined)
			inputs.error('client-secret: must be empty with client-auth-method github_oidc. Remove it.');
		return { method, oidc: { ...readRequest(inputs, env), audience: audience ?? tokenUrl } };
	}
	if (method !== undefined) {
		if (clientSecret === undefined)
			inputs.error('client-secret: is missing. client-id requires it.');
		if (audience !== undefined)
			inputs.error('oidc-audience: has no effect without client-auth-method github_oidc. Set that, or remove it.');
	}
	return { method: method ?? 'client_secret_basic', clientSecret: clientSecret ?? '' };
}
function readRequest(inputs, env) {
	const { ACTIONS_ID_TOKEN_REQUEST_URL: requestUrl = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken = '' } = env;
	if (!requestUrl || !requestToken)
		inputs.error('client-auth-method: github_oidc requires the permission id-token: write. Add it to the workflow or the job and, in a reusable workflow, also to the workflow that calls it. Pull requests from forks cannot have it.');
	else if (!isSecure(URL.parse(requestUrl)))
		inputs.error('client-auth-method: github_oidc requires an https URL in ACTIONS_ID_TOKEN_REQUEST_URL of the runner. (The value is hidden.)');
	return { requestUrl, requestToken };
}
function readParameters(inputs) {
	const lines = (inputs.given('token-parameters') ?? '').split(/\r\n|\r|\n/);
	return lines.flatMap((line, index) => {
		if (line.trim() === '')
			return [];
		const [, name = '', value = ''] = FIELD.exec(line.trim()) ?? [];
		const problem = parameterProblem(name, value);
		if (problem !== undefined)
			inputs.error(`token-parameters: line ${index + 1} ${problem}`);
		return [[name, value]];
	});
}
function parameterProblem(name, value) {
	if (name === '')
		return 'is not name=value. (It is hidden.)';
	const own = OWN_FIELDS.find((field) => field === name.toLowerCase());
	if (own !== undefined)
		return `sets ${own}, which the step sets itself. Remove it.`;
	return value === '' ? 'has no value. Set one, or remove it.' : undefined;
}
const inputs_MAX_JOBS = 100;
const MAX_TIMEOUT_MINUTES = 7200;
const MIN_INTERVAL_SECONDS = 0.1;
const MAX_SPAN_MINUTES = 1_000_000;
function readSettings(read, env = process.env) {
	const errors = [];
	const inputs = new Inputs(read, errors);
	const url = readUrl(inputs);
	const settings = {
		url,
		target: readTarget(inputs),
		credentials: readCredentials(inputs, url, env),
		policy: readPolicy(inputs),
		jobApi: inputs.choice('job-api', ['auto', 'jobs-v1', 'core-2.0']),
		polling: readPolling(inputs),
		onTimeout: inputs.choice('on-timeout', ['leave', 'delete']),
		onCancel: inputs.choice('on-cancel', ['leave', 'delete']),
		importResults: inputs.choice('import-results', ['true', 'false']) === 'true',
		errorsFile: inputs.given('errors-file'),
	};
	return errors.length > 0 ? { errors } : settings;
}
function readUrl(inputs) {
	const value = inputs.given('url');
	if (value !== undefined)
		return readHttpsUrl(inputs, 'url', value).replace(/\/+$/, '');
	inputs.error('url: is missing. Set it to the base URL of your Collibra environment, e.g. https://acme.collibra.com.');
	return '';
}
const REMOVE = 'Remove it.';
function readTarget(inputs) {
	const ids = inputs.given('job-id');
	const name = inputs.given('job-name');
	if (ids !== undefined && name !== undefined)
		inputs.error('job-id, job-name: both are set. Set only one of them.');
	if (ids === undefined && name === undefined)
		inputs.error('job-id, job-name: both are missing. Set one of them.');
	const nameMatch = inputs.choice('job-name-match', NAME_MATCHES);
	const type = inputs.given('job-type');
	const user = inputs.given('job-user');
	if (name === undefined) {
		if (type !== undefined)
			inputs.error(`job-type: ${quoted(type)} has no effect without job-name. ${REMOVE}`);
		if (user !== undefined)
			inputs.error(`job-user: ${quoted(user)} has no effect without job-name. ${REMOVE}`);
	}
	if (user !== undefined && !isUuid(user))
		inputs.error(`job-user: must be the UUID of a user, but is ${quoted(user)}.`);
	const lookbackMinutes = inputs.decimal('lookback-minutes', (n) => n <= MAX_SPAN_MINUTES, `a number of minutes from 0 to ${MAX_SPAN_MINUTES}`);
	if (name !== undefined)
		return { kind: 'name', name, nameMatch, type, user: user?.toLowerCase(), lookbackMs: lookbackMinutes * 60_000 };
	return { kind: 'ids', ids: ids === undefined ? [] : readIds(inputs, ids) };
}
function readIds(inputs, value) {
	const parts = value.startsWith('[') ? jsonStrings(value) : value.split(/[\s,]/).filter(Boolean);
	if (parts === undefined) {
		inputs.error(`job-id: must be a JSON array of strings, but is ${quoted(value)}.`);
		return [];
	}
	const invalid = parts.filter((part) => !isUuid(part));
	if (invalid.length > 0)
		inputs.error(`job-id: must contain UUIDs, but contains ${listed(invalid)}.`);
	if (parts.length === 0)
		inputs.error(`job-id: ${quoted(value)} contains no job ID.`);
	const ids = [...new Set(parts.map((part) => part.toLowerCase()))];
	if (ids.length > inputs_MAX_JOBS)
		inputs.error(`job-id: contains ${ids.length} job IDs, but one step waits for at most ${inputs_MAX_JOBS}. Use several steps.`);
	return ids;
}
function jsonStrings(value) {
	return schema_parse(array(string()), schema_parseJson(value))?.map((part) => part.trim());
}
function listed(values) {
	const few = values.slice(0, 3).map(quoted).join(', ');
	return values.length > 3 ? `${few} (and ${values.length - 3} more)` : few;
}
function readPolicy(inputs) {
	const supported = [...ACCEPTABLE_RESULTS, 'SUCCESS'];
	const results = (inputs.given('accept') ?? '').toUpperCase().split(/[\s,]/).filter(Boolean);
	const invalid = results.filter((result) => !supported.includes(result));
	if (invalid.length > 0)
		inputs.error(`accept: ${listed(invalid)} is not supported. Supported values: ${supported.join(', ')}.`);
	const accept = new Set(ACCEPTABLE_RESULTS.filter((result) => results.includes(result)));
	const max = inputs.given('max-failed-commands');
	if (max === undefined)
		return { accept, maxFailedCommands: undefined };
	const limit = /^\d+$/.test(max) ? Number(max) : NaN;
	if (!Number.isSafeInteger(limit))
		inputs.error(`max-failed-commands: must be a whole number, 0 or more, but is ${quoted(max)}.`);
	return { accept, maxFailedCommands: limit };
}
function readPolling(inputs) {
	const timeoutMinutes = inputs.decimal('timeout-minutes', (n) => n > 0 && n <= MAX_TIMEOUT_MINUTES, `a number of minutes greater than 0 and at most ${MAX_TIMEOUT_MINUTES}`);
	const minSeconds = inputs.decimal('min-interval-seconds', (n) => n >= MIN_INTERVAL_SECONDS && n <= MAX_SPAN_MINUTES * 60, `a number of seconds from ${MIN_INTERVAL_SECONDS} to ${MAX_SPAN_MINUTES * 60}`);
	const maxSeconds = inputs.decimal('max-interval-seconds', (n) => n > 0 && n <= MAX_SPAN_MINUTES * 60, `a number of seconds greater than 0 and at most ${MAX_SPAN_MINUTES * 60}`);
	if (maxSeconds < minSeconds) {
		inputs.error(`max-interval-seconds: ${maxSeconds} is less than min-interval-seconds (${minSeconds}). Increase it.`);
	}
	const outageMinutes = inputs.decimal('max-outage-minutes', (n) => n <= MAX_SPAN_MINUTES, `a number of minutes from 0 to ${MAX_SPAN_MINUTES}`);
	return {
		timeoutMs: timeoutMinutes * 60_000,
		maxOutageMs: outageMinutes * 60_000,
		interval: { minMs: minSeconds * 1000, maxMs: maxSeconds * 1000 },
	};
}
const REASONS = {
	timeout: 'Not finished in time',
	cancelled: 'Workflow run canceled',
	stopped: 'Workflow step stopped',
};
function deleteMessage(cause, maxLength, env) {
	const why = REASONS[cause];
	const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
	const link = `${server}/${repository}/actions/runs/${run}`;
	const linked = [`${why}: ${link}`, link].find((message) => message.length <= maxLength);
	return server && repository && run && linked ? linked : `${why} (GitHub Actions)`;
}
const MAX_REJECTED_MS = 15_000;
const MAX_COMMAND_DELAY_MS = 1_000;
class CollibraClient {
	#clock;
	#baseUrl;
	#requests;
	#credentials;
	constructor(baseUrl, requests, credentials, clock) {
		this.#clock = clock;
		this.#baseUrl = baseUrl;
		this.#requests = requests;
		this.#credentials = credentials;
	}
	async get(path, expected, call) {
		return this.#requests.json(await this.#send('GET', path, call), this.#urlOf(path), expected);
	}
	async command(method, path, call) {
		this.#requests.requireSuccess(await this.#send(method, path, call), this.#urlOf(path));
	}
	#urlOf(path) {
		return this.#baseUrl + path;
	}
	async #send(method, path, call) {
		const startMs = this.#clock.now();
		for (;;) {
			const authorization = await this.#credentials.authorization(call);
			if (method !== 'GET' && this.#clock.now() - startMs > MAX_COMMAND_DELAY_MS)
				throw notSent(method);
			const response = await this.#sendAs(authorization, method, path, call);
			if (isSuccessful(response))
				this.#credentials.onAccepted(authorization);
			if (!isRejection(response))
				return response;
			const delayMs = this.#credentials.onRejected(authorization, isUnauthorized(response));
			if (delayMs === undefined || this.#clock.now() - startMs > MAX_REJECTED_MS) {
				if (isUnauthorized(response))
					throw this.#rejection(response, path);
				return response;
			}
			await this.#clock.sleep(delayMs, call.signal);
		}
	}
	#sendAs(authorization, method, path, call) {
		const query = call.query === undefined ? '' : `?${call.query.toString()}`;
		const headers = { accept: 'application/json', authorization };
		const request = { method, url: this.#urlOf(path) + query, headers, isCommand: method !== 'GET' };
		if (call.body === undefined)
			return this.#requests.send(request, call);
		const body = JSON.stringify(call.body);
		return this.#requests.send({ ...request, headers: { ...headers, 'content-type': 'application/json' }, body }, call);
	}
	#rejection(response, path) {
		return this.#requests.error(response, this.#urlOf(path), this.#credentials.advice);
	}
}
function notSent(method) {
	const message = `The ${method} request was not sent, because there was no access token in time.`;
	return new CollibraError('transient', 'no token in time', message, { isShared: true });
}
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;
const JITTER = 0.1;
class RateLimit {
	#clock;
	#onDelay;
	#sinceMs = -Infinity;
	#untilMs;
	#resumedMs = -Infinity;
	#nextDelayMs = FIRST_DELAY_MS;
	#acceptedMs = -Infinity;
	#isOutage = false;
	constructor(clock, onDelay) {
		this.#clock = clock;
		this.#onDelay = onDelay;
		this.#untilMs = clock.now();
	}
	get #remainingMs() {
		return this.#untilMs - this.#clock.now();
	}
	async wait(signal, latestMs = Infinity) {
		while (this.#remainingMs > 0 && !signal.aborted) {
			if (this.#untilMs > latestMs)
				throw this.#lastsTooLong();
			await this.#clock.sleep(this.#remainingMs, signal);
		}
		signal.throwIfAborted();
	}
	#lastsTooLong() {
		const retryAfterMs = this.#remainingMs;
		const message = `The rate limit of the server applies for another ${duration(retryAfterMs)}.`;
		return new CollibraError('transient', 'rate limit', message, { retryAfterMs });
	}
	onAccepted() {
		this.#acceptedMs = this.#clock.now();
		this.#isOutage = false;
		this.#nextDelayMs = FIRST_DELAY_MS;
	}
	onRejected(retryAfterMs, sentMs) {
		const belongsToLastDelay = sentMs <= this.#sinceMs;
		if (!belongsToLastDelay) {
			this.#isOutage = this.#acceptedMs < this.#resumedMs;
			this.#sinceMs = this.#clock.now();
			this.#resumedMs = this.#untilMs;
		}
		if (!belongsToLastDelay || retryAfterMs)
			this.#delay(retryAfterMs || this.#nextDelayMs);
		return this.#isOutage;
	}
	#delay(ms) {
		this.#nextDelayMs = Math.min(2 * this.#nextDelayMs, LONGEST_DELAY_MS);
		const isFirst = this.#remainingMs <= 0;
		this.#untilMs = Math.max(this.#untilMs, this.#clock.now() + ms * (1 + JITTER * this.#clock.random()));
		if (isFirst)
			this.#onDelay(this.#remainingMs);
	}
}
class Semaphore {
	#permits;
	#queue = [];
	constructor(permits) {
		this.#permits = permits;
	}
	async run(work, signal, goesFirst = false) {
		await this.#acquire(signal, goesFirst);
		try {
			return await work();
		}
		finally {
			this.#release();
		}
	}
	#acquire(signal, goesFirst) {
		signal.throwIfAborted();
		if (this.#permits > 0) {
			this.#permits--;
			return Promise.resolve();
		}
		return new Promise((resolve, reject) => {
			const onTurn = () => {
				signal.removeEventListener('abort', onAbort);
				resolve();
			};
			const onAbort = () => {
				this.#queue.splice(this.#queue.indexOf(onTurn), 1);
				reject(signal.reason);
			};
			if (goesFirst)
				this.#queue.unshift(onTurn);
			else
				this.#queue.push(onTurn);
			signal.addEventListener('abort', onAbort);
		});
	}
	#release() {
		const next = this.#queue.shift();
		if (next)
			next();
		else
			this.#permits++;
	}
}
const MAX_IN_FLIGHT = 8;
const REQUEST_TIMEOUT_MS = 30_000;
class Requests {
	#transport;
	#clock;
	#semaphore = new Semaphore(MAX_IN_FLIGHT);
	#onRateLimit;
	#rateLimits = new Map();
	#longerTimeouts = new Map();
	redactAndTruncate;
	constructor(transport, clock, redactAndTruncate, onRateLimit) {
		this.#transport = transport;
		this.#clock = clock;
		this.redactAndTruncate = redactAndTruncate;
		this.#onRateLimit = onRateLimit;
	}
	async send(request, limits) {
		try {
			return await this.#semaphore.run(() => this.#sendWithinRateLimit(request, limits), limits.signal, limits.goesFirst);
		}
		catch (error) {
			limits.signal.throwIfAborted();
			throw error instanceof CollibraError
				? error
				: errorFromConnection(error, addressOf(request.shownAs ?? request.url));
		}
	}
	async #sendWithinRateLimit(request, limits) {
		const rateLimit = this.#rateLimitOf(request.url);
		const waitUntilMs = this.#clock.now() + (limits.maxRateLimitMs ?? Infinity);
		for (;;) {
			if (!limits.isUrgent)
				await rateLimit.wait(limits.signal, waitUntilMs);
			const body = await limits.makeBody?.();
			const sentMs = this.#clock.now();
			const response = await this.#sendInTime(body === undefined ? request : { ...request, body }, limits);
			if (!isRateLimited(response)) {
				rateLimit.onAccepted();
				return response;
			}
			const isOutage = rateLimit.onRejected(retryAfter(response.headers, this.#clock.date()), sentMs);
			if (isOutage || limits.isUrgent)
				return response;
		}
	}
	async #sendInTime(request, { timeoutMs, signal }) {
		const address = addressOf(request.shownAs ?? request.url);
		const ms = timeoutMs ?? this.#longerTimeouts.get(address) ?? REQUEST_TIMEOUT_MS;
		const onTimeout = () => {
			this.#longerTimeouts.set(address, Math.min(2 * ms, LONGEST_REQUEST_MS));
			return noResponse(address, ms);
		};
		const timeout = { clock: this.#clock, ms, signal, onTimeout };
		const response = await withTimeout(timeout, (own) => this.#transport.send(request, own));
		this.#longerTimeouts.delete(address);
		return response;
	}
	#rateLimitOf(url) {
		const { origin } = new URL(url);
		const rateLimit = this.#rateLimits.get(origin) ?? new RateLimit(this.#clock, this.#onRateLimit);
		this.#rateLimits.set(origin, rateLimit);
		return rateLimit;
	}
	json(response, where, { what, schema }) {
		this.requireSuccess(response, where);
		const json = schema_parseJson(response.body);
		const value = schema_parse(schema, json);
		if (value !== undefined)
			return { value, serverTime: serverTimeOf(response) };
		const label = json === undefined ? notJson(response) : `JSON that is not ${what}`;
		throw new CollibraError('transient', label, `${addressOf(where)} returned ${label}.`);
	}
	requireSuccess(response, where) {
		if (!isSuccessful(response))
			throw this.error(response, where);
	}
	error(response, where, advice) {
		return errorFromResponse(response, addressOf(where), this.#clock.date(), this.redactAndTruncate, advice);
	}
}
function notJson({ body, headers }) {
	return looksLikeHtml(body, headers)
		? 'an HTML page instead of JSON (a login or maintenance page?)'
		: 'invalid or incomplete JSON';
}
function serverTimeOf({ headers }) {
	const time = Date.parse(headers.date ?? '');
	return Number.isNaN(time) ? undefined : new Date(time);
}
function addressOf(url) {
	return url.replace(/\?.*/s, '');
}
const counters = schema_object({
	added: lenient(dist_number()),
	updated: lenient(dist_number()),
	removed: lenient(dist_number()),
	failed: lenient(dist_number()),
});
const category = schema_object({
	category: lenient(schema_object({ name: lenient(string()) })),
	counters: lenient(counters),
});
const import_results_summary = {
	what: 'an import summary',
	schema: schema_object({
		importJobState: lenient(string()),
		errorsCount: lenient(dist_number()),
		resourceTypes: lenient(array(lenient(schema_object({
			resourceType: lenient(string()),
			counters: lenient(counters),
			subcategories: lenient(array(lenient(category))),
		})))),
	}),
};
const errors = {
	what: 'a page of import errors',
	schema: schema_object({
		total: lenient(dist_number()),
		results: lenient(array(lenient(schema_object({
			errorType: lenient(string()),
			resourceType: lenient(string()),
			errorMessage: lenient(string()),
			command: lenient(schema_object({ indices: lenient(array(dist_number())), identifier: lenient(string()) })),
		})))),
	}),
};
const ERRORS_PAGE_SIZE = 1000;
class ImportResultsClient {
	#client;
	constructor(client) {
		this.#client = client;
	}
	async summary(jobId, limits) {
		const { value } = await this.#client.get(`${pathOf(jobId)}/summary`, import_results_summary, limits);
		return {
			importJobState: value.importJobState ?? '',
			failedCommands: wholeNumber(value.errorsCount),
			changes: import_results_changesOf(value),
			resources: withoutOddEntries(value.resourceTypes).map(({ resourceType, counters, subcategories }) => ({
				resourceType: resourceType ?? '',
				...countersOf(counters),
				categories: withoutOddEntries(subcategories).map(({ category, counters }) => ({
					name: category?.name ?? '',
					...countersOf(counters),
				})),
			})),
		};
	}
	async errors(jobId, offset, limits) {
		const query = new URLSearchParams({
			offset: `${offset}`,
			limit: `${ERRORS_PAGE_SIZE}`,
			countLimit: '-1',
		});
		const { value } = await this.#client.get(`${pathOf(jobId)}/errors`, errors, { ...limits, query });
		return {
			total: wholeNumber(value.total),
			commands: (value.results ?? []).map((one) => ({
				errorType: one?.errorType ?? '',
				resourceType: one?.resourceType ?? '',
				errorMessage: one?.errorMessage ?? '',
				indices: one?.command?.indices ?? [],
				identifier: one?.command?.identifier ?? '',
			})),
		};
	}
}
function pathOf(jobId) {
	return `/rest/2.0/import/results/${jobId}`;
}
function withoutOddEntries(list) {
	return (list ?? []).filter((one) => one !== undefined);
}
function wholeNumber(value) {
	return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
}
function import_results_changesOf({ resourceTypes }) {
	if (resourceTypes === undefined)
		return undefined;
	const numbers = resourceTypes.flatMap((one) => [one?.counters?.added, one?.counters?.updated, one?.counters?.removed].map(wholeNumber));
	const sum = numbers.reduce((total, n) => total + (n ?? 0), 0);
	return sum === 0 && numbers.includes(undefined) ? undefined : sum;
}
function countersOf(counters) {
	return {
		added: wholeNumber(counters?.added),
		updated: wholeNumber(counters?.updated),
		removed: wholeNumber(counters?.removed),
		failed: wholeNumber(counters?.failed),
	};
}
const retry_FIRST_DELAY_MS = 250;
const retry_LONGEST_DELAY_MS = 4_000;
async function retry(request, budgetOf, clock, signal) {
	let firstErrorMs;
	for (let delayMs = retry_FIRST_DELAY_MS;; delayMs = Math.min(2 * delayMs, retry_LONGEST_DELAY_MS)) {
		try {
			signal.throwIfAborted();
			return await request();
		}
		catch (error) {
			if (!(error instanceof CollibraError) || signal.aborted)
				throw error;
			const sleepMs = Math.max(delayMs, error.retryAfterMs ?? 0);
			firstErrorMs ??= clock.now();
			if (clock.now() + sleepMs > firstErrorMs + budgetOf(error.kind))
				throw error;
			await clock.sleep(sleepMs, signal);
		}
	}
}
async function deleteJobs(ids, options) {
	const { clock, timeoutMs, signal, onResult } = options;
	const done = new AbortController();
	const late = new AbortController();
	const stop = () => late.abort(new CollibraError('transient', 'no time left', 'There was no time left.'));
	void clock.sleep(timeoutMs, done.signal).then(stop);
	signal?.addEventListener('abort', stop);
	const rejected = new AbortController();
	const deleteOne = async (id) => {
		const result = await new Delete(id, options, late.signal, rejected.signal).result();
		if ('error' in result && result.error.kind === 'unauthorized')
			rejected.abort(result.error);
		onResult(id, result);
	};
	await Promise.all(ids.map(deleteOne));
	done.abort();
}
class Delete {
	#id;
	#options;
	#signal;
	#rejected;
	#job;
	#lastError;
	#isUnconfirmed = false;
	constructor(id, options, signal, rejected) {
		this.#id = id;
		this.#options = options;
		this.#signal = signal;
		this.#rejected = rejected;
	}
	async result() {
		const { clock, timeoutMs, inTurn } = this.#options;
		const budgetOf = (kind) => (isTransient(kind) ? timeoutMs : -Infinity);
		const attempt = () => inTurn(() => this.#attempt(), this.#signal);
		try {
			return await retry(attempt, budgetOf, clock, this.#signal);
		}
		catch (error) {
			if (!(error instanceof CollibraError))
				throw error;
			if (this.#isUnconfirmed && error.kind === 'not-found')
				return { kind: 'deleted', job: this.#job };
			return { kind: this.#isUnconfirmed ? 'unconfirmed' : 'failed', job: this.#job, error: this.#explained(error) };
		}
	}
	async #attempt() {
		const { jobs, message } = this.#options;
		const signal = this.#signal;
		this.#rejected.throwIfAborted();
		try {
			const job = await jobs.get(this.#id, { signal });
			this.#job = job;
			if (this.#isUnconfirmed && isDeletedJob(job))
				return { kind: 'deleted', job };
			if (isTerminal(job))
				return { kind: 'finished', job };
			await this.#send(() => jobs.delete(this.#id, message, { signal, isUrgent: true }));
			return { kind: 'deleted', job };
		}
		catch (error) {
			if (error instanceof CollibraError && !signal.aborted)
				this.#lastError = error;
			throw error;
		}
	}
	async #send(request) {
		try {
			await request();
		}
		catch (error) {
			this.#isUnconfirmed ||= error instanceof CollibraError && isTransient(error.kind) && !error.isShared;
			throw error;
		}
	}
	#explained(error) {
		const last = this.#lastError;
		if (last === undefined || last === error || error !== this.#signal.reason)
			return error;
		return new CollibraError(error.kind, error.label, `${error.message} Last error: ${last.message}`);
	}
}
const REQUEST_WORTH_MS = 110;
const QUEUE_FACTOR = 1.8;
const RUNNING_SHARE = 0.45;
const EARLY_GROWTH = 1.15;
function startEstimate() {
	return { nowMs: 0, startMs: undefined, trend: undefined, earlyPolls: 0 };
}
function observe(estimate, seen) {
	if (!seen.running)
		return { ...estimate, nowMs: seen.atMs, trend: undefined };
	return {
		nowMs: seen.atMs,
		startMs: estimate.startMs ?? estimate.nowMs,
		trend: trendAfter(estimate.trend, seen),
		earlyPolls: estimate.earlyPolls + Number(untilEnd(estimate) < plainDelay(estimate)),
	};
}
function nextPoll(estimate, limits, random) {
	const { nowMs, startMs = 0, trend, earlyPolls } = estimate;
	const [plainMs, untilEndMs] = [plainDelay(estimate), untilEnd(estimate)];
	const isRising = trend !== undefined && (nowMs - trend.last.atMs) * trend.rate < 1;
	const isPredicted = isRising && untilEndMs > 0 && untilEndMs < Infinity;
	const runningMs = nowMs - startMs;
	const steadyMs = isPredicted ? Math.min(root(runningMs + untilEndMs), RUNNING_SHARE * runningMs) : 0;
	const shortestMs = Math.min(plainMs, limits.minMs * EARLY_GROWTH ** earlyPolls);
	const delayMs = Math.max(shortestMs, Math.min(untilEndMs, Math.max(plainMs, steadyMs)));
	return { delayMs: withJitter(delayMs, limits, random), remainingMs: isPredicted ? untilEndMs : undefined };
}
function delayAfter(waitedMs, limits, random) {
	return withJitter(root(waitedMs), limits, random);
}
function root(durationMs) {
	return Math.sqrt(2 * REQUEST_WORTH_MS * durationMs);
}
function plainDelay({ nowMs, startMs }) {
	return startMs === undefined ? QUEUE_FACTOR * root(nowMs) : root(nowMs - startMs);
}
function untilEnd({ nowMs, trend }) {
	if (trend === undefined)
		return Infinity;
	return trend.last.atMs + (100 - trend.last.percent) / trend.rate - nowMs;
}
function trendAfter(trend, { atMs, progress = NaN }) {
	if (!(progress >= 0 && progress < 100))
		return trend;
	const point = { atMs, percent: Number.isInteger(progress) && progress > 0 ? progress + 0.5 : progress };
	const fresh = { first: point, last: point, rate: 0 };
	if (trend === undefined || point.percent < trend.last.percent)
		return fresh;
	const { first, last } = trend;
	if (point.percent === last.percent || atMs <= last.atMs)
		return trend;
	const rateSince = (past) => (point.percent - past.percent) / (atMs - past.atMs);
	return { first, last: point, rate: Math.max(rateSince(first), rateSince(last)) };
}
function withJitter(delayMs, { minMs, maxMs }, random) {
	const jittered = delayMs * (0.9 + 0.2 * random());
	return jittered > minMs ? Math.min(maxMs, jittered) : minMs;
}
const OTHER_NAME = 'whose name';
const OLDER = 'older than the look-back';
const near_misses_QUOTE_LENGTH = 40;
const NOTHING = 'Collibra listed no job of this or a similar name. ' +
	'Check job-name and the permissions of the user, or increase timeout-minutes.';
function describeNearMisses(jobs, query, oldestMs, redactAndTruncate) {
	const different = [...new Map(jobs.map((job) => [job.id, job])).values()];
	const misses = different
		.filter(({ id, name = '' }) => isUuid(id) && isLike(name, query.name, 'anywhere'))
		.sort((a, b) => createdMs(b) - createdMs(a))
		.map((job) => missOf(job, query, oldestMs));
	if (misses.length === 0)
		return NOTHING;
	const quote = (text = '') => oneLine(redactAndTruncate(text, near_misses_QUOTE_LENGTH));
	const groups = [...groupBy(misses, ([why]) => why)].sort(([, a], [, b]) => b.length - a.length);
	const others = groups.filter(([why]) => why.startsWith(OTHER_NAME));
	const named = groups.filter((group) => !others.includes(group));
	const total = named.flatMap(([, group]) => group).length;
	const ofThisName = named.map(([why, group]) => `${group.length} ${inWords(why, group, quote)}`).join(', ');
	const listed = others.map(([why, group]) => `${count(group.length, 'job')} ${inWords(why, group, quote)}`);
	if (total > 0)
		listed.unshift(`${count(total, 'job')} of this name: ${ofThisName}`);
	const fixes = [...named, ...others].flatMap(([, group]) => group.slice(0, 1).map(([, , fix]) => fix)).join(', or ');
	return `Collibra listed ${listed.join('; ')}. If your job is one of them, ${fixes}. Otherwise, increase timeout-minutes.`;
}
function missOf(job, query, oldestMs) {
	const { id, name = '', type, user } = job;
	if (!isLike(name, query.name, query.nameMatch))
		return name.length === query.name.length
			? [`${OTHER_NAME} differs in case`, name, 'write job-name as Collibra does']
			: [`${OTHER_NAME} only contains job-name`, name, 'change job-name-match'];
	if (!fits(type, query.type))
		return ['of another type', type, 'correct job-type'];
	if (!fits(user, query.user))
		return ['started by another user', user, 'correct job-user'];
	const ageMs = oldestMs + query.lookbackMs - createdMs(job);
	return ageMs > query.lookbackMs
		? [OLDER, `newest ${duration(ageMs)}`, 'increase lookback-minutes']
		: ['listed only when the time was up', id, 'run the step again'];
}
function createdMs({ createdOn }) {
	return createdOn?.getTime() ?? 0;
}
function inWords(why, misses, quote) {
	const mark = why.startsWith(OTHER_NAME) ? '"' : '';
	const details = [...new Set(misses.map(([, detail]) => mark + quote(detail) + mark))];
	return `${why} (${few(why === OLDER ? details.slice(0, 1) : details)})`;
}
const GRACE_MS = 15_000;
const NOT_VISIBLE_YET = new Set(['not-found', 'server-error']);
class RetryBudget {
	#maxOutageMs;
	#neverSucceeded = true;
	#failures;
	constructor(maxOutageMs) {
		this.#maxOutageMs = maxOutageMs;
	}
	get neverSucceeded() {
		return this.#neverSucceeded;
	}
	onSuccess() {
		this.#neverSucceeded = false;
		this.#failures = undefined;
		return Infinity;
	}
	onError({ kind, label }, nowMs) {
		this.#failures ??= { sinceMs: nowMs, permanentSinceMs: undefined, counts: new Map() };
		const failures = this.#failures;
		failures.counts.set(label, (failures.counts.get(label) ?? 0) + 1);
		const outageEndMs = isTransient(kind) ? failures.sinceMs + this.#maxOutageMs : -Infinity;
		if (this.#neverSucceeded) {
			const graceEndMs = NOT_VISIBLE_YET.has(kind) ? failures.sinceMs + GRACE_MS : -Infinity;
			return Math.max(outageEndMs, graceEndMs);
		}
		if (isTransient(kind))
			return outageEndMs;
		failures.permanentSinceMs ??= nowMs;
		return failures.permanentSinceMs + GRACE_MS;
	}
	failures(nowMs) {
		if (this.#failures === undefined)
			return undefined;
		const errors = [...this.#failures.counts].map(([label, n]) => `${n} × ${label}`).join(', ');
		return { lasted: duration(nowMs - this.#failures.sinceMs), errors };
	}
}
const FINAL_REQUEST_MS = 10_000;
const REJECTED_DELAY_MS = 5_000;
async function poll(task, options, clock) {
	const { startMs, signal } = task;
	const deadlineMs = startMs + options.timeoutMs;
	const budget = new RetryBudget(options.maxOutageMs);
	const backoff = ({ kind, retryAfterMs = 0 }, waitedMs) => Math.max(delayAfter(waitedMs, options.interval, () => clock.random()), retryAfterMs, kind === 'unauthorized' ? REJECTED_DELAY_MS : 0);
	while (!signal.aborted) {
		const isFinal = clock.now() >= deadlineMs;
		const attempt = await (isFinal ? finalPoll(task) : pollUntil(deadlineMs, task, clock));
		if (attempt.kind === 'done' || attempt.kind === 'stopped')
			return attempt;
		if (attempt.kind === 'interrupted')
			continue;
		const nowMs = clock.now();
		const error = attempt.kind === 'failed' ? attempt.error : undefined;
		const retryUntilMs = error === undefined ? budget.onSuccess() : budget.onError(error, nowMs);
		if (error !== undefined && (nowMs >= retryUntilMs || (isFinal && budget.neverSucceeded)))
			return gaveUp(error, budget.failures(nowMs));
		const wantedMs = attempt.kind === 'pending' ? attempt.delayMs : backoff(attempt.error, nowMs - startMs);
		const leftMs = Math.min(deadlineMs, retryUntilMs) - nowMs;
		const delayMs = isFinal ? undefined : sleepTime(wantedMs, leftMs, options.interval);
		if (error === undefined)
			task.onPending(delayMs);
		else
			task.onTransientError(error, delayMs);
		if (delayMs === undefined)
			return timedOut(nowMs - startMs, budget.failures(nowMs));
		await clock.sleep(delayMs, signal);
	}
	return { kind: 'stopped' };
}
class DeadlineReached extends Error {
}
function finalPoll(task) {
	return attempt(task.signal, () => task.poll({ signal: task.signal, timeoutMs: FINAL_REQUEST_MS, isUrgent: true }, true));
}
function pollUntil(deadlineMs, task, clock) {
	const onTimeout = () => new DeadlineReached();
	const timeout = { clock, ms: deadlineMs - clock.now(), signal: task.signal, onTimeout };
	return attempt(task.signal, () => withTimeout(timeout, (signal) => task.poll({ signal }, false)));
}
async function attempt(signal, pollOnce) {
	try {
		return await pollOnce();
	}
	catch (error) {
		if (signal.aborted)
			return { kind: 'stopped' };
		if (error instanceof DeadlineReached)
			return { kind: 'interrupted' };
		if (error instanceof CollibraError)
			return { kind: 'failed', error };
		throw error;
	}
}
function sleepTime(delayMs, leftMs, { minMs, maxMs }) {
	const endsAtEnd = delayMs + minMs > leftMs && leftMs <= Math.max(delayMs, maxMs);
	return endsAtEnd ? Math.max(0, leftMs) : delayMs;
}
function gaveUp(error, failures) {
	if (failures === undefined || !isTransient(error.kind))
		return { kind: 'error', reason: error.message, cause: error };
	const reason = `Collibra did not respond successfully for ${failures.lasted} (${failures.errors}). ` +
		`Last error: ${error.message} Check that Collibra is reachable, or increase max-outage-minutes.`;
	return { kind: 'error', reason, cause: error };
}
function timedOut(waitedMs, failures) {
	const lately = failures === undefined ? '' : `, with no successful response for the last ${failures.lasted} (${failures.errors})`;
	return { kind: 'timeout', reason: `Not finished after ${duration(waitedMs)}${lately}.` };
}
function reviewJobs(jobs, query, oldestMs) {
	const dates = jobs.map(review_jobs_createdMs).filter((ms) => !Number.isNaN(ms));
	const isOrdered = dates.every((ms, n) => n === 0 || ms <= Number(dates[n - 1]));
	const matches = jobs.filter((job) => isMatch(job, query));
	const recent = matches.filter((job) => review_jobs_createdMs(job) >= oldestMs).sort((a, b) => review_jobs_createdMs(b) - review_jobs_createdMs(a));
	const newest = recent[0];
	const end = isOrdered ? jobs.findIndex((job) => job === newest || review_jobs_createdMs(job) < oldestMs) : -1;
	const mayBeNewer = end < 0 ? jobs : jobs.slice(0, end);
	return {
		newest,
		undated: matches.find((job) => Number.isNaN(review_jobs_createdMs(job)) && mayBeNewer.includes(job)),
		isDecided: end >= 0 && new Set(dates).size > 1,
		otherNames: [...new Set(recent.flatMap(({ name }) => (name === newest?.name ? [] : (name ?? []))))],
	};
}
function isMatch({ id, name = '', type, user }, query) {
	return isUuid(id) && isLike(name, query.name, query.nameMatch) && fits(type, query.type) && fits(user, query.user);
}
function review_jobs_createdMs({ createdOn }) {
	return createdOn?.getTime() ?? NaN;
}
const PAGE_SIZE = 50;
const CLOCK_NOISE_MS = 2_000;
async function findJob(query, options, signal) {
	const { finder, polling, clock, observer, startMs, redactAndTruncate } = options;
	const description = describeQuery(query);
	const oldestBy = lookback(query, clock, startMs);
	let search;
	let similar = [];
	const nearMisses = () => search === undefined
		? ''
		: describeNearMisses([...search.jobs, ...similar], query, search.oldestMs, redactAndTruncate);
	const task = {
		startMs,
		signal,
		poll: async (limits, isFinal) => {
			const untilMs = clock.now() + (limits.timeoutMs ?? 0);
			search = await searchOnce(finder, query, oldestBy, limits);
			const { newest } = search.review;
			if (newest !== undefined)
				return { kind: 'done', value: newest };
			if (isFinal)
				similar = await findSimilar(finder, query, limits, untilMs, clock);
			const delayMs = delayAfter(clock.now() - startMs, polling.interval, () => clock.random());
			return { kind: 'pending', delayMs };
		},
		onPending: (delayMs) => observer.onNotFound(description, delayMs, delayMs === undefined ? nearMisses() : ''),
		onTransientError: observer.onTransientError.bind(observer, description),
	};
	const result = await poll(task, polling, clock);
	if (result.kind === 'done')
		observer.onFound(description, result.value, search?.review.otherNames ?? []);
	if (result.kind !== 'timeout')
		return result;
	return { ...result, reason: `Found no ${description}. ${result.reason} ${nearMisses()}` };
}
async function searchOnce(finder, query, oldestBy, limits) {
	const { name, nameMatch, type, user } = query;
	const nameMatchMode = nameMatch.toUpperCase();
	const jobs = [];
	let oldestMs;
	for await (const page of finder.find({ name, nameMatchMode, type, user, pageSize: PAGE_SIZE }, limits)) {
		oldestMs ??= oldestBy(page.serverTime);
		jobs.push(...page.jobs);
		if (reviewJobs(jobs, query, oldestMs).isDecided)
			break;
	}
	oldestMs ??= oldestBy(undefined);
	const review = reviewJobs(jobs, query, oldestMs);
	if (review.undated === undefined)
		return { jobs, oldestMs, review };
	const message = `Job ${review.undated.id} has this name but no creation date, so the newest job cannot be determined. Use job-id instead of job-name.`;
	throw new CollibraError('permanent', 'job without a creation date', message);
}
async function findSimilar(finder, { name }, limits, untilMs, clock) {
	const timeoutMs = untilMs - clock.now();
	const onTimeout = () => new CollibraError('transient', '', '');
	try {
		return await withTimeout({ clock, ms: timeoutMs, signal: limits.signal, onTimeout }, async (signal) => {
			const filters = { name, nameMatchMode: 'ANYWHERE', pageSize: PAGE_SIZE };
			for await (const { jobs } of finder.find(filters, { ...limits, timeoutMs, signal }))
				return jobs;
			return [];
		});
	}
	catch (error) {
		if (error instanceof CollibraError)
			return [];
		throw error;
	}
}
function lookback({ lookbackMs }, clock, startMs) {
	const startedOn = clock.date() - (clock.now() - startMs);
	const dateNow = () => startedOn + clock.now() - startMs;
	return (serverTime) => startedOn - lookbackMs + clockSkew(serverTime, dateNow());
}
function clockSkew(serverTime, dateNow) {
	const skewMs = serverTime === undefined ? 0 : serverTime.getTime() - dateNow;
	return Math.abs(skewMs) <= CLOCK_NOISE_MS || skewMs < -6e5 ? 0 : skewMs;
}
const TRANSIENT_MS = { needed: 60_000, optional: 20_000 };
const LATE_MS = { needed: 15_000, optional: 1_500 };
const REQUEST_MS = { needed: undefined, optional: 20_000 };
const NEVER_MS = { needed: -Infinity, optional: -Infinity };
const RETRY_MS = {
	transient: TRANSIENT_MS,
	'server-error': TRANSIENT_MS,
	'not-implemented': TRANSIENT_MS,
	'not-found': LATE_MS,
	'bad-request': LATE_MS,
	unauthorized: NEVER_MS,
	permanent: NEVER_MS,
};
const read_import_results_MAX_COMMANDS = 1_000_000;
const read_import_results_MAX_PAGES = 2_000;
const MAX_READ_MS = 600_000;
const MAX_KEPT_TEXT = 1000;
const MAX_KEPT_INDICES = 10;
class ImportResultsReader {
	#options;
	constructor(options) {
		this.#options = options;
	}
	async read(jobId, isNeeded, signal) {
		const { api, onFailedCommands, onUnavailable } = this.#options;
		const priority = isNeeded ? 'needed' : 'optional';
		let summary;
		try {
			summary = await this.#retry((limits) => api.summary(jobId, limits), priority, signal);
			const failedCommands = consistent(summary.failedCommands, summary);
			const none = { ...summary, failedCommands, firstFailedCommands: [], isPartial: false };
			return failedCommands === 0 && !isNeeded ? none : await this.#failedCommands(jobId, summary, priority, signal);
		}
		catch (error) {
			const reason = read_import_results_reasonOf(error, signal);
			const isNoImport = error instanceof CollibraError && error.kind === 'not-found';
			if (isNeeded || summary || onFailedCommands || !isNoImport)
				onUnavailable(jobId, reason);
			if (summary === undefined)
				return undefined;
			const failedCommands = consistent(summary.failedCommands, summary);
			return { ...summary, failedCommands, firstFailedCommands: [], isPartial: true };
		}
	}
	async #failedCommands(jobId, summary, priority, signal) {
		const { api, onFailedCommands, onUnavailable } = this.#options;
		let previous = '';
		const readPage = async (offset) => {
			const page = await this.#retry((limits) => api.errors(jobId, offset, limits), priority, signal);
			const content = JSON.stringify(page.commands);
			if (page.commands.length > 0 && content === previous)
				throw new CollibraError('permanent', 'repeated page', 'Collibra returned the same page twice.');
			previous = content;
			if (page.commands.length > 0)
				onFailedCommands?.(jobId, page.commands);
			return page;
		};
		const first = await readPage(0);
		const counts = [summary.failedCommands, first.total].filter((n) => n !== undefined);
		const total = counts.length === 0 ? Infinity : Math.max(...counts);
		const read = first.commands.length;
		const progress = onFailedCommands
			? await this.#readRest(read, total, async (offset) => (await readPage(offset)).commands.length, signal)
			: { read, isPartial: false };
		if (progress.isPartial)
			onUnavailable(jobId, partialReason(progress, total));
		return {
			...summary,
			firstFailedCommands: first.commands.map((command) => this.#shortened(command)),
			failedCommands: counts.length === 0 ? undefined : consistent(Math.max(total, progress.read), summary),
			isPartial: progress.isPartial,
		};
	}
	async #readRest(readBefore, total, readPage, signal) {
		const { clock } = this.#options;
		const endMs = clock.now() + MAX_READ_MS;
		let read = readBefore;
		let last = readBefore;
		let reason;
		const wanted = Math.min(total, read_import_results_MAX_COMMANDS);
		for (let pages = 1; read < wanted && last > 0 && reason === undefined; pages++) {
			try {
				last = await readPage(read);
				read += last;
				if (clock.now() > endMs)
					reason = `Reading them took more than ${duration(MAX_READ_MS)}.`;
				if (pages === read_import_results_MAX_PAGES)
					reason = `They came in more than ${number(read_import_results_MAX_PAGES)} pages.`;
			}
			catch (error) {
				reason = read_import_results_reasonOf(error, signal);
			}
		}
		return { read, isPartial: total === Infinity ? last > 0 : read < total, reason };
	}
	#shortened({ indices, ...texts }) {
		const short = Object.entries(texts).map(([name, text]) => [
			name,
			this.#options.redactAndTruncate(text, MAX_KEPT_TEXT),
		]);
		return { ...Object.fromEntries(short), indices: indices.slice(0, MAX_KEPT_INDICES) };
	}
	#retry(request, priority, signal) {
		return retry(() => request({ signal, timeoutMs: REQUEST_MS[priority], maxRateLimitMs: TRANSIENT_MS[priority] }), (kind) => RETRY_MS[kind][priority], this.#options.clock, signal);
	}
}
function partialReason({ read, reason }, total) {
	const some = total === Infinity ? number(read) : `${number(read)} of ${number(total)}`;
	return [`Only ${some} failed commands could be read.`, reason].filter(Boolean).join(' ');
}
const STATES_WITH_FAILURES = ['COMPLETED_WITH_ERRORS', 'ABORTED'];
function consistent(failedCommands, summary) {
	const someFailed = hasFailedCounter(summary) || STATES_WITH_FAILURES.includes(summary.importJobState);
	return failedCommands === 0 && someFailed ? undefined : failedCommands;
}
function read_import_results_reasonOf(error, signal) {
	if (signal.aborted)
		return 'The wait was stopped.';
	if (error instanceof CollibraError)
		return error.message;
	throw error;
}
const NO_RESULT_MS = 15_000;
function waitForJobs(ids, options, signal) {
	const rejected = new AbortController();
	const either = AbortSignal.any([signal, rejected.signal]);
	const waitFor = async (id) => {
		const { result, job } = await pollJob(id, options, either);
		let report = await reportOf(id, result, job, options, either);
		if (result.kind === 'error' && result.cause.kind === 'unauthorized')
			rejected.abort(report.reason);
		if (report.outcome === 'cancelled' && !signal.aborted)
			report = afterRejection(report, rejected.signal.reason);
		options.observer.onFinished(report);
		return report;
	};
	return Promise.all(ids.map(waitFor));
}
function afterRejection(report, reason) {
	const stopped = 'Stopped waiting because authentication failed for another job.';
	return { ...report, outcome: 'error', reason: `${stopped} ${reason}` };
}
async function pollJob(id, options, signal) {
	const { clock, polling, observer, startMs, foundMs } = options;
	let estimate = startEstimate();
	let noResultSinceMs;
	let job;
	let remainingMs;
	const delayAfterPoll = (polled, isFinal) => {
		const nowMs = clock.now();
		const stage = stageOf(polled);
		remainingMs = undefined;
		if (stage === 'finished')
			return undefined;
		if (stage === 'no-result') {
			noResultSinceMs ??= nowMs;
			const leftMs = noResultSinceMs + NO_RESULT_MS - nowMs;
			return leftMs <= 0 || isFinal ? undefined : Math.min(polling.interval.minMs, leftMs);
		}
		noResultSinceMs = undefined;
		const atMs = nowMs - (foundMs ?? startMs);
		const running = polled.state !== 'WAITING';
		estimate = observe(estimate, { atMs, running, progress: polled.progressPercentage });
		const next = nextPoll(estimate, polling.interval, () => clock.random());
		remainingMs = next.remainingMs;
		return next.delayMs;
	};
	const pollOnce = async (limits, isFinal) => {
		job = await options.jobs.get(id, limits);
		const delayMs = delayAfterPoll(job, isFinal);
		if (delayMs !== undefined)
			return { kind: 'pending', delayMs };
		observer.onPoll(id, job, undefined);
		return { kind: 'done', value: job };
	};
	const task = {
		startMs,
		signal,
		poll: pollOnce,
		onPending: (delayMs) => {
			if (job !== undefined)
				observer.onPoll(id, job, delayMs === undefined ? undefined : { delayMs, remainingMs });
		},
		onTransientError: observer.onTransientError.bind(observer, id),
	};
	return { result: await poll(task, polling, clock), job };
}
async function reportOf(id, result, job, options, signal) {
	const seen = job === undefined ? {} : { job };
	switch (result.kind) {
		case 'done':
			return judgeJob(id, result.value, options, signal);
		case 'timeout':
			return { id, outcome: 'timeout', reason: `${result.reason} ${lastState(job)}`, ...seen };
		case 'error':
			return { id, outcome: 'error', reason: result.reason, ...seen };
		case 'stopped':
			return { id, outcome: 'cancelled', reason: `The wait was canceled. ${lastState(job)}`, ...seen };
	}
}
function lastState(job) {
	if (job === undefined)
		return 'No status was ever received.';
	const unknown = stageOf(job) === 'unknown' ? ', which is unknown to this action' : '';
	return `The last state was ${job.state || '(none)'}${unknown}.`;
}
async function judgeJob(id, job, options, signal) {
	const isNeeded = needsImportResults(job, options.policy);
	const results = isNeeded || options.wantsImportResults ? await options.importResults.read(id, isNeeded, signal) : undefined;
	if (isNeeded && results?.failedCommands === undefined && signal.aborted) {
		const reason = 'Canceled before the Import Results were read, on which the verdict depends.';
		return { id, job, outcome: 'cancelled', reason };
	}
	const verdict = judge(job, options.policy, results);
	return { id, ...verdict, job, ...(results === undefined ? {} : { importResults: results }) };
}
const CANCELED_LATE = 'Canceled after the jobs finished. Their outcomes are final, but the step fails.';
class Run {
	#settings;
	#dependencies;
	#jobs;
	#importResults;
	constructor(settings, dependencies) {
		const { transport, clock, redactAndTruncate, observer, onSecret, onFailedCommands } = dependencies;
		const requests = new Requests(transport, clock, redactAndTruncate, observer.onRateLimit.bind(observer));
		const credentials = credentialsOf(settings.credentials, requests, clock, onSecret);
		const client = new CollibraClient(settings.url, requests, credentials, clock);
		this.#settings = settings;
		this.#dependencies = dependencies;
		this.#jobs = new Jobs(client, settings.jobApi, dependencies);
		this.#importResults = new ImportResultsReader({
			api: new ImportResultsClient(client),
			clock,
			redactAndTruncate,
			onFailedCommands,
			onUnavailable: observer.onImportResultsUnavailable.bind(observer),
		});
	}
	async report(signal) {
		const { target } = this.#settings;
		return target.kind === 'ids' ? this.#wait(target.ids, undefined, signal) : this.#findAndWait(target, signal);
	}
	async #findAndWait(query, signal) {
		const { clock, startMs, observer, redactAndTruncate } = this.#dependencies;
		const { polling } = this.#settings;
		const options = { finder: this.#jobs, polling, clock, startMs, observer, redactAndTruncate };
		const found = await findJob(query, options, signal);
		switch (found.kind) {
			case 'done':
				return this.#wait([found.value.id], clock.now(), signal);
			case 'stopped':
				return {
					outcome: 'cancelled',
					reason: `Canceled while searching for a ${describeQuery(query)}.`,
					jobs: [],
				};
			case 'timeout':
			case 'error':
				return { outcome: found.kind, reason: found.reason, jobs: [] };
		}
	}
	async #wait(ids, foundMs, signal) {
		const { policy, polling, importResults } = this.#settings;
		const { clock, startMs, observer, onFailedCommands, onTarget } = this.#dependencies;
		onTarget?.(ids);
		const options = {
			jobs: this.#jobs,
			importResults: this.#importResults,
			policy,
			polling,
			wantsImportResults: importResults || onFailedCommands !== undefined,
			clock,
			observer,
			startMs,
			foundMs,
		};
		const jobs = await waitForJobs(ids, options, signal);
		const outcome = mostSevere(jobs.map((job) => job.outcome));
		if (!signal.aborted || outcome === 'cancelled')
			return { outcome, jobs };
		return { outcome: 'cancelled', reason: CANCELED_LATE, jobs };
	}
	async deleteJobs(ids, options) {
		const turns = new Semaphore(MAX_IN_FLIGHT);
		const inTurn = turns.run.bind(turns);
		await deleteJobs(ids, { ...options, jobs: this.#jobs, clock: this.#dependencies.clock, inTurn });
	}
}
const USER_AGENT = 'wait-for-collibra-import-job';
const TLS_WARNING = 'Warning: NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect on this step, because certificates are always checked. ' +
	'To trust a private certificate authority, set NODE_EXTRA_CA_CERTS to the path of its certificate.';
const DELETE_TIMEOUT_MS = 60_000;
function settingsOfStep() {
	const read = (name) => getInput(name, { trimWhitespace: false });
	for (const name of SECRET_INPUTS)
		maskSecret(read(name));
	const settings = readSettings(read);
	if ('errors' in settings)
		return settings;
	const errors = proxyProblems(settings);
	return errors.length > 0 ? { errors } : settings;
}
function proxyProblems({ url, credentials }) {
	const urls = [url, ...tokenUrlsOf(credentials)];
	return [...new Set(urls.flatMap((one) => proxyProblem(one) ?? []))];
}
function connect(settings, log, rest) {
	if (alwaysCheckCertificates())
		log.line(TLS_WARNING);
	const transport = new HttpTransport(USER_AGENT, systemClock);
	return new Run(settings, { transport, clock: systemClock, redactAndTruncate: redactAndTruncate, observer: log, onSecret: maskSecret, ...rest });
}
function setup_deleteJobs(ids, cause, run, onResult, signal) {
	const message = deleteMessage(cause, MAX_DELETE_MESSAGE, process.env);
	return run.deleteJobs(ids, { message, timeoutMs: DELETE_TIMEOUT_MS, signal, onResult });
}
function reportInvalidInputs(problems) {
	const annotations = new Annotations();
	annotations.invalidInputs(problems);
	setup_summarize(summaryOfInvalidInputs(problems), annotations);
}
function setup_summarize(markdown, annotations) {
	const path = process.env.GITHUB_STEP_SUMMARY;
	try {
		if (path)
			writeSummary(path, markdown);
	}
	catch (error) {
		annotations.warning('No job summary', `${error.message}.`);
	}
}
const STOPPED = 'The step was stopped before it could report a result: it was canceled, ran out of time or memory, or crashed.';
const MAYBE_RUNNING = 'The job might still be running in Collibra. Check it there before you import again.';
const JUDGE_AGAIN = 'To have its result judged, run the step again with the same job ID.';
const FINISHED = `The job is finished in Collibra. ${JUDGE_AGAIN}`;
const NOT_FOUND = 'It had not found the job by its name yet.';
const NEXT_STEP = 'Check the jobs in Collibra before anything uses the imported data, and before you import again.';
const cleanup_GRACE_MS = 3_500;
async function cleanUp(state, cancel) {
	if (state.phase === 'finished')
		return;
	const settings = settingsOfStep();
	if (!('errors' in settings))
		return cleanUpWith(settings, state, cancel);
	reportInvalidInputs(settings.errors);
}
async function cleanUpWith(settings, state, cancel) {
	const { phase, jobs, finished } = state;
	const { target, onTimeout, onCancel } = settings;
	const ids = jobs.length === 0 && target.kind === 'ids' ? target.ids : jobs;
	const policy = phase === 'timeout' ? onTimeout : onCancel;
	const unfinished = policy === 'delete' ? ids.filter((id) => !finished.has(id)) : [];
	const results = await deleteUnfinished(unfinished, settings, state, cancel);
	const annotations = new Annotations();
	if (phase === 'started')
		reportStopped(ids, finished, results, annotations);
	else
		reportProblems(results, annotations);
}
async function deleteUnfinished(ids, settings, { phase, apis }, cancel) {
	const results = new Map();
	if (ids.length === 0)
		return results;
	const startMs = systemClock.now();
	const log = new Log(systemClock, startMs);
	log.line(`Deleting what is unfinished of ${count(ids.length, 'job')} at ${settings.url}.`);
	const onResult = (id, result) => {
		results.set(id, result);
		log.onDeleteResult(id, result);
	};
	const stop = new AbortController();
	cancel.addEventListener('abort', () => void systemClock.sleep(cleanup_GRACE_MS).then(() => stop.abort()));
	const cause = phase === 'timeout' || phase === 'cancelled' ? phase : 'stopped';
	await setup_deleteJobs(ids, cause, connect(settings, log, { startMs, apis }), onResult, stop.signal);
	return results;
}
function reportStopped(ids, finished, results, annotations) {
	const outcome = 'error';
	const jobs = ids.map((id) => {
		const result = results.get(id);
		const known = finished.has(id) ? FINISHED : MAYBE_RUNNING;
		const reason = `${STOPPED} ${result === undefined ? known : cleanup_resultOf(result)}`;
		return { id, outcome, reason, ...(result?.job && { job: result.job }) };
	});
	const report = { outcome, jobs, ...(jobs.length === 0 && { reason: `${STOPPED} ${NOT_FOUND}` }) };
	annotations.verdict(report);
	setup_summarize(summaryOf(report, { nowMs: systemClock.date(), nextStep: NEXT_STEP }), annotations);
}
function reportProblems(results, annotations) {
	const problems = [...results].filter(([, result]) => isProblem(result));
	annotations.notDeleted(problems.map(([id, result]) => ({ id, reason: cleanup_resultOf(result) })));
}
function cleanup_resultOf(result) {
	const text = capitalize(deleteResultText(result));
	return result.kind === 'finished' ? `${text} ${JUDGE_AGAIN}` : text;
}
const external_node_path_namespaceObject = createRequire(import.meta.url)("node:path");
class ErrorsFile {
	completedPath;
	#path;
	#draftPath;
	#file;
	#error;
	constructor(path) {
		this.#path = path;
		this.#draftPath = `${path}.${process.pid}.part`;
		try {
			const existing = (0, external_node_fs_namespaceObject.lstatSync)(path, { throwIfNoEntry: false });
			if (existing?.isFile() === false)
				throw new Error(`${path} exists and is not a regular file, so it is not replaced`);
			makeFolder((0, external_node_path_namespaceObject.dirname)(path));
			if (existing !== undefined)
				(0, external_node_fs_namespaceObject.unlinkSync)(path);
			this.#file = (0, external_node_fs_namespaceObject.openSync)(this.#draftPath, 'w');
		}
		catch (error) {
			throw new Error(notWritten(error), { cause: error });
		}
	}
	add(jobId, commands) {
		const lines = commands.map((command) => `${plainJson({ jobId, ...command })}\n`);
		this.#attempt(() => (0, external_node_fs_namespaceObject.writeFileSync)(this.#file, lines.join('')));
	}
	close(report) {
		const isCanceled = report.outcome === 'cancelled';
		this.#attempt(() => (0, external_node_fs_namespaceObject.closeSync)(this.#file));
		if (!isCanceled && this.#error === undefined)
			this.#attempt(() => (0, external_node_fs_namespaceObject.renameSync)(this.#draftPath, this.#path));
		const isComplete = !isCanceled && this.#error === undefined;
		if (isComplete)
			this.completedPath = this.#path;
		else
			this.#attempt(() => (0, external_node_fs_namespaceObject.unlinkSync)(this.#draftPath));
		return isComplete || isCanceled ? report : { ...report, outcome: 'error', reason: notWritten(this.#error) };
	}
	#attempt(work) {
		try {
			work();
		}
		catch (error) {
			this.#error ??= error;
		}
	}
}
function notWritten(error) {
	return `errors-file: could not be written: ${error.message}. Check the path and the free disk space.`;
}
function makeFolder(path) {
	if ((0, external_node_fs_namespaceObject.existsSync)(path))
		return;
	const parent = (0, external_node_path_namespaceObject.dirname)(path);
	if (parent !== path)
		makeFolder(parent);
	(0, external_node_fs_namespaceObject.mkdirSync)(path);
}
const outputs_MAX_TEXT = 1000;
const MAX_JOBS_OUTPUT = 350_000;
function outputsOf(report) {
	const decisive = decisiveJob(report);
	return {
		outcome: report.outcome,
		state: redactAndTruncate(decisive?.job?.state ?? '', outputs_MAX_TEXT),
		result: redactAndTruncate(decisive?.job?.result ?? '', outputs_MAX_TEXT),
		message: redactAndTruncate(decisive?.job?.message ?? '', MAX_WHOLE_TEXT),
		'job-id': decisive?.id ?? '',
		'failed-commands': failedCommands(report.jobs),
		jobs: jobsJson(report.jobs),
	};
}
function writeOutputs({ outcome, ...others }) {
	for (const [name, value] of Object.entries(others))
		setOutput(name, value);
	setOutput('outcome', outcome);
}
function failedCommands(jobs) {
	const numbers = jobs.map(({ importResults }) => importResults?.failedCommands);
	return numbers.length === 0 ? '' : String(sumOf(numbers) ?? '');
}
function jobsJson(jobs) {
	for (const scale of [1, 0.2, 0.02]) {
		const json = JSON.stringify(jobs.map((job) => jobOutput(job, scale)));
		if (json.length <= MAX_JOBS_OUTPUT)
			return json;
	}
	return JSON.stringify(jobs.map(({ id, outcome }) => ({ id, outcome })));
}
function jobOutput({ id, outcome, reason, job, importResults }, scale) {
	const text = (value = '') => redactAndTruncate(value, outputs_MAX_TEXT * scale);
	return {
		id,
		name: text(job?.name),
		type: text(job?.type),
		state: text(job?.state),
		result: text(job?.result),
		message: text(job?.message),
		outcome,
		reason: text(reason),
		progressPercentage: job?.progressPercentage ?? null,
		createdOn: job?.createdOn ?? null,
		startDate: job?.startDate ?? null,
		endDate: job?.endDate ?? null,
		durationSeconds: durationSeconds(job),
		importResults: importResults === undefined ? null : countsOf(importResults),
	};
}
function durationSeconds(job) {
	const ms = Number(job?.endDate) - Number(job?.startDate);
	return ms >= 0 ? ms / 1000 : null;
}
function countsOf(results) {
	const changes = CHANGES.map((kind) => [kind, changesOf(results, kind) ?? null]);
	return { ...Object.fromEntries(changes), failedCommands: results.failedCommands ?? null };
}
async function main(state, cancel) {
	const startMs = systemClock.now();
	const settings = settingsOfStep();
	if ('errors' in settings)
		return refuse(settings.errors, state);
	let errorsFile;
	try {
		if (settings.errorsFile !== undefined)
			errorsFile = new ErrorsFile(settings.errorsFile);
	}
	catch (error) {
		return refuse([error.message], state);
	}
	return waitAndReport(settings, startMs, errorsFile, state, cancel);
}
function refuse(problems, state) {
	writeOutputs(outputsOf({ outcome: 'error', jobs: [] }));
	reportInvalidInputs(problems);
	state.phase('finished');
	return false;
}
async function waitAndReport(settings, startMs, errorsFile, state, cancel) {
	const log = new Log(systemClock, startMs);
	const run = connect(settings, log, {
		startMs,
		onFailedCommands: errorsFile?.add.bind(errorsFile),
		onTarget: state.jobs.bind(state),
		onJob: state.job.bind(state),
	});
	log.start(settings);
	const finished = new AbortController();
	void log.heartbeat(finished.signal);
	const result = await run.report(cancel);
	finished.abort();
	const report = errorsFile?.close(result) ?? result;
	writeOutputs(outputsOf(report));
	const annotations = new Annotations(settings);
	annotations.verdict(report);
	const errorsPath = errorsFile?.completedPath;
	const summary = summaryOf(report, { nowMs: systemClock.date(), errorsFile: errorsPath, unfinished: settings });
	setup_summarize(summary, annotations);
	if (await deletesUnfinished(run, report, settings, log, state, cancel))
		state.phase('finished');
	return passes(report.outcome);
}
async function deletesUnfinished(run, report, { onTimeout, onCancel }, log, state, cancel) {
	if (report.outcome === 'cancelled') {
		if (onCancel === 'delete')
			state.phase('cancelled');
		return onCancel === 'leave';
	}
	const ids = report.jobs.filter(isUnfinished).map(({ id }) => id);
	if (onTimeout === 'leave' || ids.length === 0)
		return true;
	state.jobs(ids);
	state.phase('timeout');
	const deleted = setup_deleteJobs(ids, 'timeout', run, (id, result) => {
		if (result.kind === 'deleted')
			state.finished(id);
		log.onDeleteResult(id, result);
	});
	await Promise.race([deleted, (0, external_node_events_namespaceObject.once)(cancel, 'abort')]);
	return !cancel.aborted;
}
const saved_state_FINISHED = 'finished';
class SavedState {
	#saved = new Map();
	phase(phase) {
		this.#save('phase', phase);
	}
	jobs(ids) {
		this.#save('jobs', ids.join());
	}
	job(job, api) {
		if (isTerminal(job))
			this.finished(job.id);
		else
			this.#save(job.id, api);
	}
	finished(id) {
		this.#save(id, saved_state_FINISHED);
	}
	#save(name, value) {
		if (this.#saved.get(name) === value)
			return;
		this.#saved.set(name, value);
		try {
			saveState(name, value);
		}
		catch {
		}
	}
}
function readState() {
	const jobs = getState('jobs').split(',').filter(Boolean);
	const known = jobs.map((id) => [id, getState(id)]);
	const isFinished = (value) => value === saved_state_FINISHED;
	return {
		phase: getState('phase'),
		jobs,
		finished: new Set(known.flatMap(([id, value]) => (isFinished(value) ? [id] : []))),
		apis: new Map(known.filter(([, value]) => value !== '' && !isFinished(value))),
	};
}
const STOP_TIMEOUT_MS = 4_500;
let hasFailed = false;
let hasPassed = false;
process.on('uncaughtException', src_fail);
process.on('unhandledRejection', src_fail);
process.on('beforeExit', () => src_fail('The action exited without a result'));
const stopLater = () => setTimeout(() => src_fail('The step did not stop in time after it was canceled'), STOP_TIMEOUT_MS).unref();
for (const signal of STOP_SIGNALS)
	process.on(signal, stopLater);
const noVerdict = outputsOf({ outcome: 'error', jobs: [] });
(isPostStep ? runPost() : runMain()).then((passed) => {
	hasPassed = passed;
	end();
}, src_fail);
async function runMain() {
	writeOutputs(noVerdict);
	return main(new SavedState(), cancel.signal);
}
async function runPost() {
	await cleanUp(readState(), cancel.signal);
	return true;
}
function src_fail(reason) {
	hasFailed = true;
	const advice = 'This is a bug in the action or a runner problem. Open an issue and attach the log.';
	const title = 'Unexpected error while waiting for the Collibra job';
	error(`${plain(String(reason))}. ${advice}`, { title });
	end();
}
function end() {
	if (hasPassed && hasFailed)
		revokeSuccess();
	process.exitCode = hasPassed && !hasFailed ? 0 : 1;
	process.stdout.write('', () => process.exit());
}
function revokeSuccess() {
	try {
		writeOutputs(noVerdict);
	}
	catch {
	}
}
