import type { FailedResponse, Judge, ToldFailure } from '../http/errors/judge.ts';
import type { ServerWords } from '../http/errors/server-words.ts';

/** What Xinference means by its failures, where that is more than their status says. */
export const xinferenceJudge: Judge = {
  ofResponse(response: FailedResponse, said: ServerWords): ToldFailure | undefined {
    switch (response.status) {
      case 429:
        return said.test(/too many failed attempts/i) ? 'banned' : undefined;
      case 400:
        return isUnknownModel(said) && said.test(/not found/i) ? 'model-unknown' : undefined;
      case 404:
        return isUnknownModel(said) ? 'model-unknown' : undefined;
      case 500:
        return isFailedValidation(response) ? 'request-refused' : undefined;
      case 503:
        return said.test(/\b(?:loading|launching|not yet ready)\b/i) ? 'loading' : undefined;
      default:
        return undefined;
    }
  },
  // The internal address of an actor, which stands anywhere in its texts.
  clean: text => text.replace(/\[address=.{0,100}?, pid=-?\d{1,9}\]\s?/g, ''),
};

function isUnknownModel(said: ServerWords): boolean {
  return !said.isPage && said.test(/model/i);
}

/** A body that fails validation is a 500 as plain text that says why; without that it is the server's own fault. */
function isFailedValidation({ contentType, body }: FailedResponse): boolean {
  return /^text\/plain/i.test(contentType) && /^Internal Server Error: *\S/.test(body);
}
