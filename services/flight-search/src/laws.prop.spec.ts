import { describeViewLaws } from '@reprise/view-store/contract';
import { flightSearch } from './definition.js';

describeViewLaws(flightSearch);
